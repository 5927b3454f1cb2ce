#include "services/counter/embedded/usage_writes.h"

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

absl::Status ReadProduct(const Store& store, const std::string& product, int64_t from, int64_t to,
                         std::vector<UsageEntry>* usage) {
  const auto hours = static_cast<size_t>((to - from) / kSecondsPerHour + 1);
  const auto entries =
      store.Scan(Family::kUsage, ProductPrefix(product), UsageKey(product, from), hours);
  if (!entries.ok()) return entries.status();
  for (const StoreEntry& entry : *entries) {
    absl::StatusOr<UsageName> name = DecodeUsageKey(entry.key);
    if (!name.ok()) return name.status();
    if (name->hour >= to) break;
    const absl::StatusOr<int64_t> total = DecodeTotal(entry.value);
    if (!total.ok()) return total.status();
    usage->push_back({std::move(name->product), name->hour, *total});
  }
  return absl::OkStatus();
}

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

absl::StatusOr<std::vector<UsageEntry>> ReadUsage(const Store& store, const std::string& name,
                                                  int64_t from, int64_t to) {
  const bool one_product = absl::StrContains(name, "/products/");
  const std::string prefix = one_product ? ProductPrefix(name) : absl::StrCat(name, "/products/");
  std::vector<UsageEntry> usage;
  if (from >= to) return usage;
  std::string next;
  while (true) {
    const absl::StatusOr<std::string> product = FirstProduct(store, prefix, next);
    if (!product.ok()) return product.status();
    if (product->empty()) return usage;
    if (absl::Status read = ReadProduct(store, *product, from, to, &usage); !read.ok()) return read;
    next = absl::StrCat(*product, "\x01");  // after all keys of it, before those of any other
  }
}

}  // namespace livecounter::counter::embedded
