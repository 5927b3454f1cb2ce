// The history of one shard's counters that is not in the store yet: open minutes, and finished points
// until they are written. A counter is here while something has changed in its minute, while somebody
// is present, and until its points are written.

#ifndef LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_HISTORY_TABLE_H_
#define LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_HISTORY_TABLE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/time/time.h"
#include "core/change.h"
#include "core/history.h"
#include "core/ids.h"

namespace livecounter::counter::embedded {

struct CounterPoint {
  CounterId counter;
  HistoryPoint point;
};

// Not thread-safe: the shard's.
class HistoryTable {
 public:
  // Whether something is kept of the counter.
  bool Has(const CounterId& counter) const { return counters_.contains(counter); }
  // The counter stands at this from `now` on.
  void Set(const Change& change, absl::Time now);

  // Ends the minutes before that of `now`; the points that are finished then, in no order. They stay
  // until Written().
  std::vector<CounterPoint> Finished(absl::Time now);
  // The open ones too, as of now.
  std::vector<CounterPoint> All(absl::Time now);
  // What Finished() or All() gave, or what it began with, is in the store.
  void Written(const std::vector<CounterPoint>& points);

  // Of one counter, in order, the open one last.
  std::vector<HistoryPoint> Points(const CounterId& counter, absl::Time now) const;
  // Up to `limit` ids of `product` after `after` that have points, in order.
  std::vector<std::string> IdsAfter(const std::string& product, const std::string& after,
                                    size_t limit) const;

  // What there is goes; who is present is taken for new with their next change.
  void Forget(const CounterId& counter) { counters_.erase(counter); }
  void ForgetProduct(const std::string& product);

 private:
  struct Counter {
    explicit Counter(absl::Time now) : recorder(now) {}
    HistoryRecorder recorder;
    std::vector<HistoryPoint> finished;
  };

  void Advance(absl::Time now);

  // Ordered, for the ids of a product.
  absl::btree_map<CounterId, Counter> counters_;
};

}  // namespace livecounter::counter::embedded

#endif  // LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_HISTORY_TABLE_H_
