// The way into an event loop for threads that may outlive it.

#ifndef LIVECOUNTER_GATEWAY_LOOP_DOOR_H_
#define LIVECOUNTER_GATEWAY_LOOP_DOOR_H_

#include <functional>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "gateway/transport.h"

namespace livecounter::gateway {

// Shared by what lives in the loop and those who post to it.
class LoopDoor : public std::enable_shared_from_this<LoopDoor> {
 public:
  // `loop` lives until Close().
  explicit LoopDoor(EventLoop& loop) : loop_(&loop) {}

  // Runs `task` in a turn of the loop, unless the door is closed by then. Any thread.
  void Post(std::function<void()> task) {
    absl::MutexLock lock(&mutex_);
    if (loop_ == nullptr) return;
    loop_->Post([self = shared_from_this(), task = std::move(task)] {
      if (self->is_open()) task();
    });
  }

  // Nothing that was posted runs from here on. The loop's thread, or after it has ended.
  void Close() {
    absl::MutexLock lock(&mutex_);
    loop_ = nullptr;
  }

 private:
  bool is_open() const {
    absl::MutexLock lock(&mutex_);
    return loop_ != nullptr;
  }

  mutable absl::Mutex mutex_;
  EventLoop* loop_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_LOOP_DOOR_H_
