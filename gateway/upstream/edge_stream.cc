#include "gateway/upstream/edge_stream.h"

#include <grpcpp/channel.h>

#include <utility>

#include "livecounter/v1/edge_service.grpc.pb.h"
#include "services/runtime/bearer_token.h"
#include "services/runtime/grpc_status.h"
#include "wire/holder_frame.h"
#include "wire/receiver_frame.h"

namespace livecounter::gateway {
namespace {

class GrpcEdgeStream final : public EdgeStream,
                             public grpc::ClientBidiReactor<v1::AttachRequest, v1::AttachResponse> {
 public:
  GrpcEdgeStream(const std::shared_ptr<grpc::Channel>& channel, const std::string& token,
                 Events events)
      : stub_(v1::EdgeService::NewStub(channel)), events_(std::move(events)) {
    context_.AddMetadata("authorization", runtime::AuthorizationHeader(token));
  }

  void Start() {
    stub_->async()->Attach(&context_, this);
    AddHold();  // the owner starts operations outside of reactions
    StartRead(&response_);
    StartCall();
  }

  // --- EdgeStream. ---

  void Read() override { StartRead(&response_); }
  void Write(const HolderFrame& frame) override {
    request_.Clear();
    wire::EncodeHolderFrame(frame, &request_);
    StartWrite(&request_);
  }
  void Cancel() override { context_.TryCancel(); }
  void Release() override { RemoveHold(); }

  // --- gRPC's reactions. ---

  void OnReadDone(bool ok) override {
    if (ok) {
      events_.on_frame(wire::DecodeReceiverFrame(response_));
    } else {
      events_.on_broken();  // a write that fails says no more than this
    }
  }
  void OnWriteDone(bool ok) override {
    if (ok) events_.on_written();
  }
  void OnDone(const grpc::Status& status) override {
    // The owner may free the stream as soon as it is told.
    const auto on_done = std::move(events_.on_done);
    on_done(runtime::FromGrpcStatus(status));
  }

 private:
  const std::unique_ptr<v1::EdgeService::Stub> stub_;
  Events events_;
  grpc::ClientContext context_;
  v1::AttachRequest request_;
  v1::AttachResponse response_;
};

}  // namespace

std::unique_ptr<EdgeStream> EdgeStream::Open(const std::shared_ptr<grpc::Channel>& channel,
                                             const std::string& token, Events events) {
  auto stream = std::make_unique<GrpcEdgeStream>(channel, token, std::move(events));
  stream->Start();
  return stream;
}

}  // namespace livecounter::gateway
