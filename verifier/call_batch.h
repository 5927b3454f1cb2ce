// Calls that are sent together: which of them are connected and held back, when they are let go, and which
// have had their time. Part of HttpCustomerEndpoint, on whose thread it lives; calls are known by their
// handles.

#ifndef LIVECOUNTER_VERIFIER_CALL_BATCH_H_
#define LIVECOUNTER_VERIFIER_CALL_BATCH_H_

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "verifier/customer_endpoint.h"

namespace livecounter::verifier {

class CallBatch {
 public:
  using Handle = void*;

  // Of `calls` calls that were posted at `now`.
  CallBatch(size_t calls, absl::Time now)
      : unended_(calls), hold_until_(now + kLongestHold), end_at_(now + kTogetherTimeout) {}

  // A call is connected, and held back.
  void Ready(Handle call) { ready_.push_back(call); }
  // One has ended, whether it was sent or not; null where it got no handle.
  void Ended(Handle call) {
    --unended_;
    sent_.erase(call);
    std::erase(ready_, call);
  }

  // The calls that are to be sent now: all that are ready once no other is awaited. They have their time
  // from `now`, and no longer than all have.
  std::vector<Handle> TakeReleased(absl::Time now) {
    if (now >= hold_until_) holds_ = false;
    if (holds_ && ready_.size() + sent_.size() < unended_) return {};
    for (Handle call : ready_) sent_[call] = std::min(now + kCallTimeout, end_at_);
    return std::exchange(ready_, {});
  }

  // Those whose time is over: to be ended.
  std::vector<Handle> TakeOverdue(absl::Time now) {
    std::vector<Handle> overdue;
    for (const auto& [call, deadline] : sent_) {
      if (deadline <= now) overdue.push_back(call);
    }
    return overdue;
  }

  // When to look again.
  absl::Time next_time() const {
    absl::Time next = holds_ ? hold_until_ : absl::InfiniteFuture();
    for (const auto& [call, deadline] : sent_) next = std::min(next, deadline);
    return next;
  }
  bool over() const { return unended_ == 0; }

 private:
  size_t unended_;
  const absl::Time hold_until_;
  const absl::Time end_at_;
  bool holds_ = true;  // back those that are ready, for the others
  std::vector<Handle> ready_;
  absl::flat_hash_map<Handle, absl::Time> sent_;  // and their deadlines
};

}  // namespace livecounter::verifier

#endif  // LIVECOUNTER_VERIFIER_CALL_BATCH_H_
