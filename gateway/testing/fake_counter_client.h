// The way to the counter service (gateway/upstream/counter_client.h) as a test plays it: it keeps what
// loops send, and tells them what the test says.

#ifndef LIVECOUNTER_GATEWAY_TESTING_FAKE_COUNTER_CLIENT_H_
#define LIVECOUNTER_GATEWAY_TESTING_FAKE_COUNTER_CLIENT_H_

#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "gateway/upstream/counter_client.h"

namespace livecounter::gateway {

// Any thread.
class FakeCounterClient final : public CounterClient {
 public:
  LoopId AddLoop(Inbox inbox) override {
    absl::MutexLock lock(&mutex_);
    inboxes_.push_back(std::move(inbox));
    return static_cast<LoopId>(inboxes_.size()) - 1;
  }

  void Send(LoopId /*loop*/, LoopCommands commands) override {
    absl::MutexLock lock(&mutex_);
    sent_.push_back(std::move(commands));
  }

  // Batches since the last call, of all loops.
  std::vector<LoopCommands> TakeSent() {
    absl::MutexLock lock(&mutex_);
    return std::exchange(sent_, {});
  }

  // Tells every loop.
  void Tell(const LoopNews& news) {
    std::vector<Inbox> inboxes;
    {
      absl::MutexLock lock(&mutex_);
      inboxes = inboxes_;
    }
    for (const Inbox& inbox : inboxes) inbox(news);
  }

  bool EverConnected() const override {
    absl::MutexLock lock(&mutex_);
    return ever_connected_;
  }
  absl::Time LostSince() const override {
    absl::MutexLock lock(&mutex_);
    return lost_since_;
  }
  void SetConnected(bool ever, absl::Time lost_since) {
    absl::MutexLock lock(&mutex_);
    ever_connected_ = ever;
    lost_since_ = lost_since;
  }

  void Detach(absl::Duration linger, absl::Time deadline) override {
    absl::MutexLock lock(&mutex_);
    detached_.emplace_back(linger, deadline);
  }
  // Linger and deadline of each call of Detach().
  std::vector<std::pair<absl::Duration, absl::Time>> detached() const {
    absl::MutexLock lock(&mutex_);
    return detached_;
  }

 private:
  mutable absl::Mutex mutex_;
  std::vector<Inbox> inboxes_ ABSL_GUARDED_BY(mutex_);
  std::vector<LoopCommands> sent_ ABSL_GUARDED_BY(mutex_);
  bool ever_connected_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time lost_since_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  std::vector<std::pair<absl::Duration, absl::Time>> detached_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_TESTING_FAKE_COUNTER_CLIENT_H_
