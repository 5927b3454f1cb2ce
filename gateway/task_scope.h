// Work that an object leaves for a later turn of its loop, and that goes away with the object.

#ifndef LIVECOUNTER_GATEWAY_TASK_SCOPE_H_
#define LIVECOUNTER_GATEWAY_TASK_SCOPE_H_

#include <functional>
#include <memory>
#include <utility>

#include "gateway/transport.h"

namespace livecounter::gateway {

// A member of the object; used and destroyed on the loop's thread, or after the loop has ended.
class TaskScope {
 public:
  // `loop` outlives the scope.
  explicit TaskScope(EventLoop& loop) : loop_(loop), alive_(std::make_shared<bool>(true)) {}
  TaskScope(const TaskScope&) = delete;
  TaskScope& operator=(const TaskScope&) = delete;

  // Runs `task` in a later turn, unless the scope is gone by then.
  void Post(std::function<void()> task) {
    loop_.Post([alive = std::weak_ptr<bool>(alive_), task = std::move(task)] {
      if (!alive.expired()) task();
    });
  }

 private:
  EventLoop& loop_;
  std::shared_ptr<bool> alive_;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_TASK_SCOPE_H_
