// What holders tell each other, through the receiver, of the connections that products have, so that a
// product's bound holds over all of them (contract §3: to within a second).

#ifndef LIVECOUNTER_CORE_CONNECTION_REPORT_H_
#define LIVECOUNTER_CORE_CONNECTION_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/time/time.h"
#include "core/session.h"

namespace livecounter {

// Not thread-safe. Knows the products that have connections here, or were told to have some.
class ConnectionReport {
 public:
  // Changes go up together, once an `interval`; the first at once.
  explicit ConnectionReport(absl::Duration interval) : interval_(interval) {}

  // `product` has `difference` connections more here.
  void Add(const std::string& product, int64_t difference);

  // Whether TakeChanged() gives anything.
  bool has_changed(absl::Time now) const { return !untold_.empty() && now >= next_; }
  // Products whose number is another than was told, up to `limit`. Only where has_changed().
  std::vector<ProductConnections> TakeChanged(absl::Time now, size_t limit);
  // When has_changed() will be true without further input: InfiniteFuture for never.
  absl::Time NextDue() const { return untold_.empty() ? absl::InfiniteFuture() : next_; }

  // The receiver knows nothing any more: all that are not 0 are to be told.
  void TellAll();

  // How many connections the others have, of a total that came: without what this holder has told.
  // Never below 0, for a total may be older than that.
  int64_t Elsewhere(const ProductConnections& total) const;

  // Dies when a product that has nothing to tell and no connection is remembered.
  void CheckInvariants() const;

 private:
  struct Numbers {
    int64_t open = 0;
    int64_t told = 0;
  };

  // Whether it is to be told follows from its numbers.
  void Settle(const std::string& product);

  const absl::Duration interval_;
  absl::btree_map<std::string, Numbers> products_;
  absl::btree_set<std::string> untold_;
  absl::Time next_ = absl::InfinitePast();
};

// Whether one more connection of a product keeps it within `max` (0 for no bound), which `here` and
// `elsewhere` add up to.
inline bool MayConnect(int64_t here, int64_t elsewhere, int64_t max) {
  return max == 0 || here + elsewhere < max;
}

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_CONNECTION_REPORT_H_
