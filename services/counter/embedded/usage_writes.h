// Usage (contract §5): how a holder's batches are counted, and the totals read.

#ifndef LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_USAGE_WRITES_H_
#define LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_USAGE_WRITES_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/ids.h"
#include "core/usage.h"
#include "services/counter/embedded/store.h"
#include "services/counter/embedded/transaction.h"
#include "services/counter/embedded/write.h"
#include "services/counter/engine.h"

namespace livecounter::counter::embedded {

// One call of CounterEngine::AddUsage(): totals, and the number of the batch, in one step.
class UsageWrite final : public Write {
 public:
  UsageWrite(HolderId holder, UsageBatch batch, CounterEngine::StatusCallback done)
      : holder_(holder), batch_(std::move(batch)), done_(std::move(done)) {}

  bool Decide(Transaction& transaction) override;
  void Succeed(Counters&) override { done_(decision_); }
  void Fail(const absl::Status& status) override { done_(status); }

 private:
  absl::Status Count(Transaction& transaction) const;
  absl::Status AddTotals(Transaction& transaction) const;

  const HolderId holder_;
  const UsageBatch batch_;
  const CounterEngine::StatusCallback done_;
  absl::Status decision_;
};

// As CounterEngine::ReadUsage(). Preconditions: the name has its form; from ≥ 0.
absl::StatusOr<std::vector<UsageEntry>> ReadUsage(const Store& store, const UsageQuery& query);

}  // namespace livecounter::counter::embedded

#endif  // LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_USAGE_WRITES_H_
