// History in the store: minutes as they were recorded, made into hours when they are a day old, which go
// when they are 90 days old (core/history.h). A minute is known by its hour, so that the oldest stand
// first, and an hour by its day. Beside them stands which counters have any.

#ifndef LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_HISTORY_STORE_H_
#define LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_HISTORY_STORE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/history.h"
#include "core/ids.h"
#include "services/counter/embedded/history_table.h"
#include "services/counter/embedded/store.h"
#include "services/counter/embedded/transaction.h"

namespace livecounter::counter::embedded {

// The total, where the point has none: who is only present is recorded without it.
absl::Status FillHits(const Store& store, const CounterId& counter, HistoryPoint* point);

// Puts a point of a minute. One that is there already, of a process before this one, is gone on with.
absl::Status PutMinute(const CounterPoint& point, Transaction& transaction);

// As CounterEngine::ReadHistory(), with the points that are not in the store yet.
absl::StatusOr<std::vector<HistoryValue>> ReadHistory(const Store& store, const CounterId& counter,
                                                      const std::vector<HistoryPoint>& unwritten,
                                                      HistoryResolution resolution, absl::Time from,
                                                      absl::Time to, absl::Time now);

// Up to `limit` ids of `product` after `after` that have points in the store, in order.
absl::StatusOr<std::vector<std::string>> StoredHistoriesAfter(const Store& store,
                                                              const std::string& product,
                                                              const std::string& after,
                                                              size_t limit, absl::Time now);

// All of one counter.
absl::Status DeleteHistory(const CounterId& counter, Transaction& transaction);
// Up to `limit` points of a product. Whether there may be more.
absl::StatusOr<bool> DeleteHistories(const std::string& product, size_t limit,
                                     Transaction& transaction);

// Makes the oldest minutes into hours, and deletes the oldest hours, about `limit` of each, where their
// time has come. Whether there may be more.
absl::StatusOr<bool> ThinHistory(size_t limit, Transaction& transaction);

}  // namespace livecounter::counter::embedded

#endif  // LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_HISTORY_STORE_H_
