#include "gateway/upstream/catalog_builder.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "wire/names.h"

namespace livecounter::gateway {
namespace {

constexpr absl::Duration kDefaultInterval = absl::Milliseconds(100);

// `otherwise` where the field is absent.
absl::Duration DurationOr(bool is_there, const google::protobuf::Duration& from,
                          absl::Duration otherwise) {
  if (!is_there) return otherwise;
  return absl::Seconds(from.seconds()) + absl::Nanoseconds(from.nanos());
}

absl::Status Wrong(const v1::EdgeProduct& product, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("product ", product.name(), ": ", what));
}

}  // namespace

void CatalogBuilder::Restart() {
  staged_.clear();
  is_complete_ = false;
}

absl::Status CatalogBuilder::Apply(const v1::WatchCatalogResponse& message) {
  absl::Status status;
  Products& into = is_complete_ ? products_ : staged_;
  for (const v1::EdgeProduct& product : message.products()) {
    absl::StatusOr<Product> decoded = Decode(product);
    if (decoded.ok()) {
      into[product.name()] = Share(*std::move(decoded));
    } else {
      into.erase(product.name());
      status.Update(decoded.status());
    }
  }
  for (const std::string& name : message.removed()) into.erase(name);
  if (message.complete() && !is_complete_) {
    products_ = std::exchange(staged_, {});
    is_complete_ = true;
  }
  return status;
}

// An operator who holds everybody back does so to all products; one who does not leaves the choice to them.
absl::Duration CatalogBuilder::IntervalOf(absl::Duration of_product) const {
  const absl::Duration of_gateway = options_.min_update_interval;
  if (of_product == kDefaultInterval) return of_gateway;
  return of_gateway > kDefaultInterval ? std::max(of_product, of_gateway) : of_product;
}

absl::StatusOr<Product> CatalogBuilder::Decode(const v1::EdgeProduct& message) const {
  Product product;
  if (absl::Status status = wire::CheckProductName(message.name()); !status.ok()) {
    return Wrong(message, status.message());
  }
  if (message.presence_secret().size() != product.presence_secret.size()) {
    return Wrong(message, absl::StrCat("presence_secret has ", message.presence_secret().size(),
                                       " bytes; it takes 32"));
  }
  product.name = message.name();
  product.active = message.active();
  product.api_keys.assign(message.api_keys().begin(), message.api_keys().end());
  product.allowed_origins.assign(message.allowed_origins().begin(),
                                 message.allowed_origins().end());
  product.auto_create_counters = message.auto_create_counters();
  product.min_update_interval = IntervalOf(DurationOr(
      message.has_min_update_interval(), message.min_update_interval(), kDefaultInterval));
  product.clean_leave_grace = DurationOr(message.has_clean_leave_grace(),
                                         message.clean_leave_grace(), product.clean_leave_grace);
  product.lost_leave_grace = DurationOr(message.has_lost_leave_grace(), message.lost_leave_grace(),
                                        product.lost_leave_grace);
  product.max_connections = message.max_connections();
  product.max_connections_per_ip = message.max_connections_per_ip();
  product.max_hits_per_second = message.max_posts_per_second();
  product.life = message.life();
  std::copy(message.presence_secret().begin(), message.presence_secret().end(),
            product.presence_secret.begin());
  if (message.has_verification()) {
    product.verification = Verification{.endpoint_uri = message.verification().endpoint_uri(),
                                        .signing_secret = message.verification().signing_secret()};
  }
  return product;
}

ProductPtr CatalogBuilder::Share(Product product) const {
  const auto known = products_.find(product.name);
  if (known != products_.end() && *known->second == product) return known->second;
  return std::make_shared<const Product>(std::move(product));
}

ProductTablePtr CatalogBuilder::Build() const {
  std::vector<ProductPtr> products;
  products.reserve(products_.size());
  for (const auto& [name, product] : products_) products.push_back(product);
  return std::make_shared<const ProductTable>(std::move(products), options_.public_key);
}

}  // namespace livecounter::gateway
