#include "services/admin/catalog.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/admin/record_keys.h"
#include "services/admin/secrets.h"
#include "wire/names.h"

namespace livecounter::admin {
namespace {

template <typename Map>
auto Find(const Map& map, absl::string_view name) {
  const auto found = map.find(name);
  return found == map.end() ? nullptr : found->second;
}

// The resources from `begin` on whose names begin with `prefix`, at most `limit`.
template <typename Map>
auto Range(const Map& map, typename Map::const_iterator begin, absl::string_view prefix,
           size_t limit) {
  std::vector<typename Map::mapped_type> found;
  for (; begin != map.end() && found.size() < limit; ++begin) {
    if (!absl::StartsWith(begin->first, prefix)) break;
    found.push_back(begin->second);
  }
  return found;
}

template <typename Map>
auto PageOf(const Map& map, absl::string_view prefix, absl::string_view after, size_t limit) {
  return Range(map, after < prefix ? map.lower_bound(prefix) : map.upper_bound(after), prefix,
               limit);
}

// Takes over what became of a resource; an older version of it is left out.
template <typename Resource, typename Map>
void ApplyChange(const counter::RecordChange& change, std::string name, Map& map) {
  const auto known = map.find(name);
  if (known != map.end() && known->second->version > change.version) return;
  if (!change.value) {
    map.erase(name);
    return;
  }
  auto resource = std::make_shared<Resource>();
  resource->name = name;
  resource->version = change.version;
  resource->data.ParseFromString(*change.value);
  map[std::move(name)] = std::move(resource);
}

std::string NameIn(const counter::RecordChange& change, absl::string_view kind) {
  return change.key.substr(kind.size());
}

void Encode(const Product& product, bool active, v1::EdgeProduct* to) {
  const storage::v1::ProductRecord& from = product.data;
  to->set_name(product.name);
  to->set_active(active);
  *to->mutable_allowed_origins() = from.allowed_origins();
  to->set_auto_create_counters(from.auto_create_counters());
  *to->mutable_min_update_interval() = from.min_update_interval();
  *to->mutable_clean_leave_grace() = from.clean_leave_grace();
  *to->mutable_lost_leave_grace() = from.lost_leave_grace();
  to->set_max_connections(from.max_connections());
  to->set_max_connections_per_ip(from.max_connections_per_ip());
  to->set_max_posts_per_second(from.max_posts_per_second());
  to->set_presence_secret(from.presence_secret());
  to->set_life(from.life());
  if (!from.verification_enabled()) return;
  to->mutable_verification()->set_endpoint_uri(from.endpoint_uri());
  to->mutable_verification()->set_signing_secret(FormatSigningSecret(from.signing_secret()));
}

}  // namespace

Catalog::Catalog(Records& records) {
  // Parents first: a product of an account that is not there yet would be told as inactive.
  records.AddListener(kAccountKind,
                      [this](const counter::RecordChange& change) { OnAccount(change); });
  records.AddListener(kProductKind,
                      [this](const counter::RecordChange& change) { OnProduct(change); });
  records.AddListener(kApiKeyKind,
                      [this](const counter::RecordChange& change) { OnApiKey(change); });
}

absl::optional<uint64_t> Catalog::LifeOf(absl::string_view name) const {
  const std::shared_ptr<const Product> product = FindProduct(name);
  if (product == nullptr) return absl::nullopt;
  return product->data.life();
}

bool Catalog::CreatesCounters(absl::string_view name) const {
  const std::shared_ptr<const Product> product = FindProduct(name);
  return product != nullptr && product->data.auto_create_counters();
}

std::shared_ptr<const Account> Catalog::FindAccount(absl::string_view name) const {
  absl::ReaderMutexLock lock(&mutex_);
  return Find(accounts_, name);
}

std::shared_ptr<const Product> Catalog::FindProduct(absl::string_view name) const {
  absl::ReaderMutexLock lock(&mutex_);
  return Find(products_, name);
}

std::shared_ptr<const ApiKey> Catalog::FindApiKey(absl::string_view name) const {
  absl::ReaderMutexLock lock(&mutex_);
  return Find(api_keys_, name);
}

Catalog::Page<Account> Catalog::ListAccounts(absl::string_view after, size_t limit) const {
  absl::ReaderMutexLock lock(&mutex_);
  return PageOf(accounts_, "", after, limit);
}

Catalog::Page<Product> Catalog::ListProducts(absl::string_view prefix, absl::string_view after,
                                             size_t limit) const {
  absl::ReaderMutexLock lock(&mutex_);
  return PageOf(products_, prefix, after, limit);
}

Catalog::Page<ApiKey> Catalog::ListApiKeys(absl::string_view prefix, absl::string_view after,
                                           size_t limit) const {
  absl::ReaderMutexLock lock(&mutex_);
  return PageOf(api_keys_, prefix, after, limit);
}

std::vector<std::string> Catalog::ActiveKeys(absl::string_view product) const {
  absl::ReaderMutexLock lock(&mutex_);
  return ActiveKeysLocked(product);
}

size_t Catalog::CountProducts() const {
  absl::ReaderMutexLock lock(&mutex_);
  return products_.size();
}

std::vector<std::string> Catalog::ProductNames() const {
  absl::ReaderMutexLock lock(&mutex_);
  std::vector<std::string> names;
  names.reserve(products_.size());
  for (const auto& [name, product] : products_) names.push_back(name);
  return names;
}

absl::optional<v1::EdgeProduct> Catalog::FindEdgeProduct(absl::string_view name) const {
  absl::ReaderMutexLock lock(&mutex_);
  const std::shared_ptr<const Product> product = Find(products_, name);
  if (product == nullptr) return absl::nullopt;
  const std::shared_ptr<const Account> account = Find(accounts_, wire::AccountOf(name));
  v1::EdgeProduct found;
  Encode(*product, account != nullptr && account->data.active(), &found);
  for (std::string& key : ActiveKeysLocked(name)) found.add_api_keys(std::move(key));
  return found;
}

std::vector<std::string> Catalog::ActiveKeysLocked(absl::string_view product) const {
  const std::string prefix = absl::StrCat(product, "/keys/");
  std::vector<std::string> keys;
  for (auto key = api_keys_.lower_bound(prefix);
       key != api_keys_.end() && absl::StartsWith(key->first, prefix); ++key) {
    if (!key->second->data.has_revoke_time()) keys.push_back(key->second->data.key());
  }
  return keys;
}

void Catalog::OnAccount(const counter::RecordChange& change) {
  const std::string name = NameIn(change, kAccountKind);
  std::vector<std::string> products;
  {
    absl::MutexLock lock(&mutex_);
    const std::shared_ptr<const Account> before = Find(accounts_, name);
    ApplyChange<Account>(change, name, accounts_);
    const std::shared_ptr<const Account> after = Find(accounts_, name);
    const bool was_active = before != nullptr && before->data.active();
    if (was_active == (after != nullptr && after->data.active())) return;
    const std::string prefix = absl::StrCat(name, "/");
    for (const auto& product :
         Range(products_, products_.lower_bound(prefix), prefix, products_.size())) {
      products.push_back(product->name);
    }
  }
  Tell(products);
}

void Catalog::OnProduct(const counter::RecordChange& change) {
  const std::string name = NameIn(change, kProductKind);
  {
    absl::MutexLock lock(&mutex_);
    ApplyChange<Product>(change, name, products_);
  }
  Tell({name});
}

void Catalog::OnApiKey(const counter::RecordChange& change) {
  const std::string name = NameIn(change, kApiKeyKind);
  {
    absl::MutexLock lock(&mutex_);
    ApplyChange<ApiKey>(change, name, api_keys_);
  }
  Tell({std::string(wire::ProductOf(name))});
}

void Catalog::Tell(const std::vector<std::string>& products) {
  if (!products.empty()) listener_(products);
}

}  // namespace livecounter::admin
