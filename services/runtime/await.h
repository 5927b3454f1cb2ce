// Waits for the answer of something that calls back. For threads that may block: never a gRPC thread, an
// event loop, or the thread that calls back.

#ifndef LIVECOUNTER_SERVICES_RUNTIME_AWAIT_H_
#define LIVECOUNTER_SERVICES_RUNTIME_AWAIT_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"

namespace livecounter::runtime {

// Calls `start` with a callback that takes a Result, and returns what that is given.
template <typename Result, typename Start>
Result AwaitResult(Start start) {
  absl::Notification done;
  Result result;
  start([&](Result answer) {
    result = std::move(answer);
    done.Notify();
  });
  done.WaitForNotification();
  return result;
}

template <typename T, typename Start>
absl::StatusOr<T> Await(Start start) {
  return AwaitResult<absl::StatusOr<T>>(std::move(start));
}

template <typename Start>
absl::Status AwaitStatus(Start start) {
  return AwaitResult<absl::Status>(std::move(start));
}

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_AWAIT_H_
