// Keeps gRPC's threads for callbacks awake. One that has nothing to do for a second sleeps for a tenth of one
// without looking (gRPC 1.51, nexting threads of completion_queue_cc.cc). After a second of quiet all of them may
// do so together, and then a call that comes first waits (docs/adr/0023).

#ifndef LIVECOUNTER_SERVICES_RUNTIME_GRPC_PULSE_H_
#define LIVECOUNTER_SERVICES_RUNTIME_GRPC_PULSE_H_

#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/runtime/clock.h"
#include "services/runtime/loop_thread.h"

namespace grpc {
class Channel;
}

namespace livecounter::runtime {

// One in each process that serves or calls by callbacks. As long as it is there, one of the threads at least
// has done something in the last kPeriod, and listens.
class GrpcPulse {
 public:
  static constexpr absl::Duration kPeriod = absl::Milliseconds(250);

  // `clock` outlives the pulse.
  explicit GrpcPulse(Clock& clock);
  // Not on a thread of gRPC.
  ~GrpcPulse();
  GrpcPulse(const GrpcPulse&) = delete;
  GrpcPulse& operator=(const GrpcPulse&) = delete;

 private:
  // A call that goes nowhere, and has failed as soon as one of the threads sees to it.
  void Beat() ABSL_LOCKS_EXCLUDED(mutex_);

  const std::shared_ptr<grpc::Channel> channel_;
  absl::Mutex mutex_;
  bool beating_ ABSL_GUARDED_BY(mutex_) = false;
  LoopThread thread_;  // last: it uses all of the above
};

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_GRPC_PULSE_H_
