// A product's counters, the keys of their hits and their history go, slice by slice, so that other writes go
// on in between.

#ifndef LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_PRODUCT_DELETE_H_
#define LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_PRODUCT_DELETE_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/counter/embedded/write.h"
#include "services/counter/engine.h"

namespace livecounter::counter::embedded {

// One slice.
class ProductDelete final : public Write {
 public:
  // The callback gets whether there may be more: then another slice is to follow.
  ProductDelete(std::string product, absl::Time accepted_at, CounterEngine::Callback<bool> done)
      : product_(std::move(product)), accepted_at_(accepted_at), done_(std::move(done)) {}

  bool Decide(Transaction& transaction) override;
  void Succeed(Counters& counters) override;
  void Fail(const absl::Status& status) override { done_(status); }

 private:
  absl::StatusOr<bool> DeleteSlice(Transaction& transaction) const;
  absl::StatusOr<bool> DeleteCounters(Transaction& transaction) const;
  absl::StatusOr<bool> DeleteKeys(Transaction& transaction) const;

  const std::string product_;
  const absl::Time accepted_at_;
  const CounterEngine::Callback<bool> done_;
  absl::StatusOr<bool> more_;
};

}  // namespace livecounter::counter::embedded

#endif  // LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_PRODUCT_DELETE_H_
