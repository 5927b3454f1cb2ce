#include "services/counter/embedded/usage_writes.h"

#include <algorithm>
#include <cstddef>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/usage_log.h"
#include "services/counter/embedded/encoding.h"
#include "services/counter/embedded/hit_records.h"

namespace livecounter::counter::embedded {
namespace {

constexpr int64_t kSecondsPerHour = 3600;
constexpr absl::string_view kAllAccounts = "accounts/-";

absl::StatusOr<absl::optional<uint64_t>> LastNumber(Transaction& transaction, HolderId holder) {
  const auto value = transaction.Get(Family::kUsageHolders, holder.ToBytes());
  if (!value.ok()) return value.status();
  if (!*value) return absl::optional<uint64_t>();
  const absl::StatusOr<StoredSender> last = DecodeSender(**value);
  if (!last.ok()) return last.status();
  if (Expired(*last, transaction.now())) return absl::optional<uint64_t>();
  return absl::optional<uint64_t>(last->record.number);
}

absl::StatusOr<int64_t> DecodeTotal(absl::string_view value) {
  const absl::StatusOr<uint64_t> total = DecodeNumber(value);
  if (!total.ok()) return total.status();
  return static_cast<int64_t>(*total);
}

// The first product from the key `from` on, of those that begin with `prefix`; empty for none.
absl::StatusOr<std::string> FirstProduct(const Store& store, const std::string& prefix,
                                         const std::string& from) {
  const auto first = store.Scan(Family::kUsage, prefix, from, 1);
  if (!first.ok()) return first.status();
  if (first->empty()) return std::string();
  return std::string(ProductOfKey(first->front().key));
}

// Adds the hours of one product from `from` on.
absl::Status ReadProduct(const Store& store, const std::string& product, int64_t from,
                         const UsageQuery& query, std::vector<UsageEntry>* usage) {
  if (from >= query.to) return absl::OkStatus();
  const auto hours = static_cast<size_t>((query.to - from) / kSecondsPerHour + 1);
  const auto entries = store.Scan(Family::kUsage, ProductPrefix(product), UsageKey(product, from),
                                  std::min(hours, query.limit - usage->size()));
  if (!entries.ok()) return entries.status();
  for (const StoreEntry& entry : *entries) {
    absl::StatusOr<UsageName> name = DecodeUsageKey(entry.key);
    if (!name.ok()) return name.status();
    if (name->hour >= query.to) break;
    const absl::StatusOr<int64_t> total = DecodeTotal(entry.value);
    if (!total.ok()) return total.status();
    usage->push_back({std::move(name->product), name->hour, *total});
  }
  return absl::OkStatus();
}

// What the keys of all products that `name` means begin with.
std::string PrefixOf(const std::string& name) {
  if (name == kAllAccounts) return "accounts/";
  return absl::StrContains(name, "/products/") ? ProductPrefix(name)
                                               : absl::StrCat(name, "/products/");
}

// After all keys of the product, before those of any other.
std::string KeyAfter(const std::string& product) { return absl::StrCat(product, "\x01"); }

}  // namespace

bool UsageWrite::Decide(Transaction& transaction) {
  decision_ = Count(transaction);
  return true;
}

absl::Status UsageWrite::Count(Transaction& transaction) const {
  const auto last = LastNumber(transaction, holder_);
  if (!last.ok()) return last.status();
  const absl::StatusOr<bool> counts = UsageCounts(*last, batch_);
  if (!counts.ok()) return counts.status();
  if (!*counts) return absl::OkStatus();
  if (absl::Status added = AddTotals(transaction); !added.ok()) return added;
  // As the record of a sender of hits; nobody is told a value after it.
  transaction.Put(
      Family::kUsageHolders, holder_.ToBytes(),
      EncodeSender({SenderRecord{.number = batch_.number, .value_after = 0}, transaction.now()}));
  transaction.RequireSync();
  return absl::OkStatus();
}

absl::Status UsageWrite::AddTotals(Transaction& transaction) const {
  std::map<std::string, int64_t> totals;  // all are read before the first is written
  for (const UsageEntry& entry : batch_.entries) {
    const std::string key = UsageKey(entry.product, entry.hour);
    const auto [total, fresh] = totals.try_emplace(key, 0);
    if (fresh) {
      const auto value = transaction.Get(Family::kUsage, key);
      if (!value.ok()) return value.status();
      const absl::StatusOr<int64_t> stored = *value ? DecodeTotal(**value) : 0;
      if (!stored.ok()) return stored.status();
      total->second = *stored;
    }
    total->second = AddConnections(total->second, entry.connections);
  }
  for (const auto& [key, total] : totals) {
    transaction.Put(Family::kUsage, key, EncodeNumber(static_cast<uint64_t>(total)));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<UsageEntry>> ReadUsage(const Store& store, const UsageQuery& query) {
  const std::string prefix = PrefixOf(query.name);
  std::vector<UsageEntry> usage;
  std::string next;
  if (!query.after_product.empty()) {
    absl::Status read =
        ReadProduct(store, query.after_product,
                    std::max(query.from, query.after_hour + kSecondsPerHour), query, &usage);
    if (!read.ok()) return read;
    next = KeyAfter(query.after_product);
  }
  while (query.from < query.to && usage.size() < query.limit) {
    const absl::StatusOr<std::string> product = FirstProduct(store, prefix, next);
    if (!product.ok()) return product.status();
    if (product->empty()) break;
    absl::Status read = ReadProduct(store, *product, query.from, query, &usage);
    if (!read.ok()) return read;
    next = KeyAfter(*product);
  }
  return usage;
}

}  // namespace livecounter::counter::embedded
