#include "gateway/canary.h"

#include <algorithm>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "core/canary.h"

namespace livecounter::gateway {

class Canary::Inbox {
 public:
  explicit Inbox(absl::Time start) : moved_at_(start) {}

  void Put(const LoopNews& news) {
    for (const Change& change : news.changes) {
      // One without a value is what the counter service answers before it has moved.
      if (change.counter != CanaryId() || !change.hits) continue;
      absl::MutexLock lock(&mutex_);
      moved_at_ = std::max(moved_at_, change.accepted_at);
    }
  }
  absl::Time moved_at() const {
    absl::MutexLock lock(&mutex_);
    return moved_at_;
  }

 private:
  mutable absl::Mutex mutex_;
  absl::Time moved_at_ ABSL_GUARDED_BY(mutex_);
};

Canary::Canary(CounterClient& client, runtime::Clock& clock)
    : clock_(clock), inbox_(std::make_shared<Inbox>(clock.Now())) {
  const CounterClient::LoopId loop =
      client.AddLoop([inbox = inbox_](const LoopNews& news) { inbox->Put(news); });
  client.Send(loop, {.watch = {CanaryId()}});
}

absl::Duration Canary::Age() const {
  return std::max(clock_.Now() - inbox_->moved_at(), absl::ZeroDuration());
}

}  // namespace livecounter::gateway
