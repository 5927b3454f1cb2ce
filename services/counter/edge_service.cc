#include "services/counter/edge_service.h"

#include <utility>

#include "absl/status/statusor.h"
#include "livecounter/v1/edge_service.grpc.pb.h"
#include "services/counter/catalog_watch.h"
#include "services/runtime/call_authorization.h"
#include "services/runtime/grpc_status.h"
#include "wire/holder_frame.h"
#include "wire/receiver_frame.h"

namespace livecounter::counter {
namespace {

using AttachReactor = grpc::ServerBidiReactor<v1::AttachRequest, v1::AttachResponse>;

using CatalogReactor = grpc::ServerWriteReactor<v1::WatchCatalogResponse>;

// A call that is refused before it begins.
template <typename Reactor>
class Refused final : public Reactor {
 public:
  explicit Refused(const absl::Status& why) { this->Finish(runtime::ToGrpcStatus(why)); }
  void OnDone() override { delete this; }
};

// One gateway's stream. Operations are started on the replica's loop only, and what gRPC reports is
// posted there; so the members need no lock. The replica owns it, and frees it after OnDone().
class GatewayStream final : public AttachReactor, public ReplicaStream {
 public:
  GatewayStream(ReplicaLoop& loop, grpc::CallbackServerContext& context)
      : loop_(loop), context_(context), id_(loop.NewStreamId()) {}

  StreamId id() const { return id_; }

  // --- ReplicaStream, on the loop. ---

  void Read() override { StartRead(&request_); }
  void Write(ReceiverFrame frame) override {
    response_.Clear();
    wire::EncodeReceiverFrame(frame, &response_);
    StartWrite(&response_);
  }
  void Finish(const absl::Status& status) override {
    AttachReactor::Finish(runtime::ToGrpcStatus(status));
  }
  void Cancel() override { context_.TryCancel(); }

  // --- gRPC's reactions, on its threads. ---

  void OnReadDone(bool ok) override {
    if (!ok) return PeerGone();
    absl::StatusOr<HolderFrame> frame = wire::DecodeHolderFrame(request_);
    if (frame.ok()) {
      loop_.Post([id = id_, frame = *std::move(frame)](Replica& replica) mutable {
        replica.OnFrame(id, std::move(frame));
      });
    } else {
      loop_.Post(
          [id = id_, why = frame.status()](Replica& replica) { replica.OnBadFrame(id, why); });
    }
  }
  void OnWriteDone(bool /*ok*/) override { loop_.PostWritten(id_); }
  void OnCancel() override { PeerGone(); }
  void OnDone() override {
    loop_.Post([id = id_](Replica& replica) { replica.OnClosed(id); });
  }

 private:
  void PeerGone() {
    loop_.Post([id = id_](Replica& replica) { replica.OnPeerGone(id); });
  }

  ReplicaLoop& loop_;
  grpc::CallbackServerContext& context_;
  const StreamId id_;
  v1::AttachRequest request_;
  v1::AttachResponse response_;
};

}  // namespace

class EdgeService::Impl final : public v1::EdgeService::CallbackService {
 public:
  Impl(ReplicaLoop& loop, CatalogWatch& catalog, const runtime::TokenVerifier& token)
      : loop_(loop), catalog_(catalog), token_(token) {}

  AttachReactor* Attach(grpc::CallbackServerContext* context) override {
    const absl::Status denied = runtime::CheckBearer(*context, token_);
    if (!denied.ok()) return new Refused<AttachReactor>(denied);
    auto stream = std::make_unique<GatewayStream>(loop_, *context);
    GatewayStream* reactor = stream.get();
    loop_.Post([id = reactor->id(), stream = std::move(stream)](Replica& replica) mutable {
      replica.OpenSession(id, std::move(stream));
    });
    return reactor;
  }

  CatalogReactor* WatchCatalog(grpc::CallbackServerContext* context,
                               const v1::WatchCatalogRequest* /*request*/) override {
    const absl::Status denied = runtime::CheckBearer(*context, token_);
    if (!denied.ok()) return new Refused<CatalogReactor>(denied);
    return catalog_.Start();
  }

 private:
  ReplicaLoop& loop_;
  CatalogWatch& catalog_;
  const runtime::TokenVerifier& token_;
};

EdgeService::EdgeService(ReplicaLoop& loop, CatalogWatch& catalog,
                         const runtime::TokenVerifier& token)
    : impl_(std::make_unique<Impl>(loop, catalog, token)) {}

EdgeService::~EdgeService() = default;

runtime::GrpcService EdgeService::service() const {
  return {v1::EdgeService::service_full_name(), impl_.get()};
}

}  // namespace livecounter::counter
