#include "services/runtime/grpc_pulse.h"

#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>

namespace livecounter::runtime {
namespace {

struct Call {
  grpc::ClientContext context;
  const grpc::Slice nothing;
  const grpc::ByteBuffer request{&nothing, 1};
  grpc::ByteBuffer response;
};

}  // namespace

GrpcPulse::GrpcPulse(Clock& clock)
    // Without credentials a channel is one whose calls fail at once, and that never connects.
    : channel_(grpc::CreateChannel("", nullptr)), thread_(clock, [this](absl::Time now) {
        Beat();
        return now + kPeriod;
      }) {}

GrpcPulse::~GrpcPulse() {
  thread_.Stop();
  const absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(
      +[](bool* beating) { return !*beating; }, &beating_));
}

void GrpcPulse::Beat() {
  {
    const absl::MutexLock lock(&mutex_);
    if (beating_) return;
    beating_ = true;
  }
  auto call = std::make_shared<Call>();
  grpc::GenericStub(channel_).UnaryCall(&call->context, "/pulse", grpc::StubOptions(),
                                        &call->request, &call->response,
                                        [this, call](const grpc::Status&) mutable {
                                          call.reset();  // while the pulse is there, and so gRPC
                                          const absl::MutexLock lock(&mutex_);
                                          beating_ = false;
                                        });
}

}  // namespace livecounter::runtime
