// The way to counterd over gRPC (upstream.h).

#ifndef LIVECOUNTER_GATEWAY_CONSOLE_GRPC_UPSTREAM_H_
#define LIVECOUNTER_GATEWAY_CONSOLE_GRPC_UPSTREAM_H_

#include <cstddef>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "gateway/console/upstream.h"

namespace grpc {
class Channel;
class Status;
}  // namespace grpc

namespace livecounter::gateway::console {

// Start() from any loop's thread.
class GrpcUpstream final : public Upstream {
 public:
  // `channel` leads to counterd's --grpc_listen, or into the same process.
  explicit GrpcUpstream(std::shared_ptr<grpc::Channel> channel);
  // After all calls were given up; returns when gRPC has let go of them and of their loops.
  ~GrpcUpstream() override;

  std::unique_ptr<UpstreamCall> Start(UpstreamRequest request, EventLoop& loop,
                                      UpstreamListener& listener) override;

 private:
  class Call;
  class Handle;

  void OnCallDone();

  const std::shared_ptr<grpc::Channel> channel_;
  absl::Mutex mutex_;
  size_t calls_ ABSL_GUARDED_BY(mutex_) = 0;
};

// `status` with its details (the google.rpc.Status of grpc-status-details-bin) as payloads.
absl::Status FromGrpcStatusWithDetails(const grpc::Status& status);

}  // namespace livecounter::gateway::console

#endif  // LIVECOUNTER_GATEWAY_CONSOLE_GRPC_UPSTREAM_H_
