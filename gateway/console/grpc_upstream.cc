#include "gateway/console/grpc_upstream.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/client_callback.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/time/clock.h"
#include "google/rpc/status.pb.h"
#include "services/runtime/grpc_status.h"
#include "services/runtime/grpc_trace.h"

namespace livecounter::gateway::console {
namespace {

grpc::ByteBuffer ToByteBuffer(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

std::string ToString(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  bytes.reserve(buffer.Length());
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

}  // namespace

absl::Status FromGrpcStatusWithDetails(const grpc::Status& status) {
  absl::Status converted = runtime::FromGrpcStatus(status);
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return converted;
  for (const google::protobuf::Any& detail : details.details()) {
    converted.SetPayload(detail.type_url(), absl::Cord(detail.value()));
  }
  return converted;
}

// A unary call is a stream of one message on the wire, so one kind does for both. gRPC's threads call the
// reactor, which posts to the loop. Lives until gRPC is done with it and nobody has its handle.
//
// A hold keeps it from being done while messages may still be asked for: until a read fails, or until it
// is given up with no read under way.
class GrpcUpstream::Call final
    : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  Call(GrpcUpstream& owner, const UpstreamRequest& request, EventLoop& loop,
       UpstreamListener& listener)
      : owner_(owner), loop_(loop), listener_(&listener), request_(ToByteBuffer(request.message)) {
    if (!request.authorization.empty()) {
      context_.AddMetadata("authorization", request.authorization);
    }
    runtime::PassTrace(observability::TraceContext::Parse(request.traceparent), context_);
    if (request.timeout != absl::InfiniteDuration()) {
      context_.set_deadline(absl::ToChronoTime(absl::Now() + request.timeout));
    }
  }

  static void Start(const std::shared_ptr<Call>& call, const std::string& path) {
    call->self_ = call;
    grpc::GenericStub stub(call->owner_.channel_);
    stub.PrepareBidiStreamingCall(&call->context_, path, {}, call.get());
    call->AddHold();
    call->StartWriteLast(&call->request_, {});
    call->StartRead(&call->response_);
    call->StartCall();
  }

  // --- On the loop's thread. ---

  void Read() {
    {
      absl::MutexLock lock(&mutex_);
      if (!is_held_ || is_reading_) return;  // gRPC would abort the process for a second read
      is_reading_ = true;
    }
    StartRead(&response_);
  }

  void GiveUp() {
    listener_ = nullptr;
    context_.TryCancel();
    bool releases = false;
    {
      absl::MutexLock lock(&mutex_);
      is_given_up_ = true;
      releases = !is_reading_ && std::exchange(is_held_, false);
    }
    if (releases) RemoveHold();
  }

 private:
  // --- On gRPC's threads. ---

  void OnReadDone(bool ok) override {
    std::string message = ok ? ToString(response_) : "";  // before the next read may begin
    bool releases = false;
    {
      absl::MutexLock lock(&mutex_);
      is_reading_ = false;
      releases = (!ok || is_given_up_) && std::exchange(is_held_, false);
    }
    if (ok) {
      Tell([message = std::move(message)](UpstreamListener& listener) mutable {
        listener.OnMessage(std::move(message));
      });
    }
    if (releases) RemoveHold();
  }

  void OnDone(const grpc::Status& status) override {
    Tell([status = FromGrpcStatusWithDetails(status)](UpstreamListener& listener) {
      listener.OnEnd(status);
    });
    const std::shared_ptr<Call> self = std::move(self_);
    owner_.OnCallDone();
  }

  void Tell(std::function<void(UpstreamListener&)> what) {
    loop_.Post([self = self_, what = std::move(what)] {
      if (self->listener_ != nullptr) what(*self->listener_);
    });
  }

  GrpcUpstream& owner_;
  EventLoop& loop_;
  UpstreamListener* listener_;  // the loop's thread's; null once given up
  grpc::ClientContext context_;
  const grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
  std::shared_ptr<Call> self_;  // until gRPC is done
  absl::Mutex mutex_;
  bool is_reading_ ABSL_GUARDED_BY(mutex_) = true;
  bool is_held_ ABSL_GUARDED_BY(mutex_) = true;
  bool is_given_up_ ABSL_GUARDED_BY(mutex_) = false;
};

class GrpcUpstream::Handle final : public UpstreamCall {
 public:
  explicit Handle(std::shared_ptr<Call> call) : call_(std::move(call)) {}
  ~Handle() override { call_->GiveUp(); }
  void Read() override { call_->Read(); }

 private:
  const std::shared_ptr<Call> call_;
};

GrpcUpstream::GrpcUpstream(std::shared_ptr<grpc::Channel> channel) : channel_(std::move(channel)) {}

GrpcUpstream::~GrpcUpstream() {
  absl::MutexLock lock(&mutex_);
  const auto is_idle = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return calls_ == 0; };
  mutex_.Await(absl::Condition(&is_idle));
}

std::unique_ptr<UpstreamCall> GrpcUpstream::Start(UpstreamRequest request, EventLoop& loop,
                                                  UpstreamListener& listener) {
  {
    absl::MutexLock lock(&mutex_);
    ++calls_;
  }
  auto call = std::make_shared<Call>(*this, request, loop, listener);
  Call::Start(call, request.path);
  return std::make_unique<Handle>(std::move(call));
}

void GrpcUpstream::OnCallDone() {
  absl::MutexLock lock(&mutex_);
  --calls_;
}

}  // namespace livecounter::gateway::console
