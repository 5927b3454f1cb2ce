#include "services/counter/embedded/product_delete.h"

#include <cstddef>
#include <vector>

#include "services/counter/embedded/encoding.h"
#include "services/counter/embedded/history_store.h"
#include "services/counter/embedded/hit_records.h"

namespace livecounter::counter::embedded {
namespace {

constexpr size_t kSlice = 1000;

}  // namespace

bool ProductDelete::Decide(Transaction& transaction) {
  // It looks at what is durable: nothing may be on its way there.
  if (!transaction.Mutations().empty()) return false;
  more_ = DeleteSlice(transaction);
  return true;
}

void ProductDelete::Succeed(Counters& counters) {
  counters.ForgetHistories(product_);
  done_(more_);
}

absl::StatusOr<bool> ProductDelete::DeleteSlice(Transaction& transaction) const {
  const absl::StatusOr<bool> counters = DeleteCounters(transaction);
  if (!counters.ok()) return counters.status();
  const absl::StatusOr<bool> keys = DeleteKeys(transaction);
  if (!keys.ok()) return keys.status();
  const absl::StatusOr<bool> history = DeleteHistories(product_, kSlice, transaction);
  if (!history.ok()) return history.status();
  transaction.RequireSync();
  return *counters || *keys || *history;
}

absl::StatusOr<bool> ProductDelete::DeleteCounters(Transaction& transaction) const {
  const auto entries = transaction.Scan(Family::kCounters, ProductPrefix(product_), kSlice);
  if (!entries.ok()) return entries.status();
  for (const StoreEntry& entry : *entries) {
    const absl::StatusOr<CounterId> counter = DecodeCounterKey(entry.key);
    if (!counter.ok()) return counter.status();
    const auto total = transaction.Total(*counter);
    if (!total.ok()) return total.status();
    transaction.SetTotal(*counter, absl::nullopt, accepted_at_);
  }
  return entries->size() == kSlice;
}

absl::StatusOr<bool> ProductDelete::DeleteKeys(Transaction& transaction) const {
  const auto entries = transaction.Scan(Family::kKeys, ProductPrefix(product_), kSlice);
  if (!entries.ok()) return entries.status();
  for (const StoreEntry& entry : *entries) {
    if (absl::Status removed = RemoveKey(transaction, entry.key); !removed.ok()) return removed;
  }
  return entries->size() == kSlice;
}

}  // namespace livecounter::counter::embedded
