#include "services/counter/watch_stream.h"

#include <memory>
#include <utility>

#include "services/runtime/grpc_status.h"
#include "wire/counter_resource.h"

namespace livecounter::counter {
namespace {

using WatchReactor = grpc::ServerWriteReactor<v1::WatchCountersResponse>;

class RefusedWatch final : public WatchReactor {
 public:
  explicit RefusedWatch(const absl::Status& why) { Finish(runtime::ToGrpcStatus(why)); }
  void OnDone() override { delete this; }
};

// As GatewayStream (edge_service.cc), one way.
class WatchStream final : public WatchReactor, public ReplicaStream {
 public:
  WatchStream(ReplicaLoop& loop, grpc::CallbackServerContext& context, WatchAccess access)
      : loop_(loop), context_(context), access_(std::move(access)), id_(loop.NewStreamId()) {}

  StreamId id() const { return id_; }

  // --- ReplicaStream, on the loop. ---

  void Read() override {}  // there is nothing to read
  void Write(ReceiverFrame frame) override {
    if (absl::Status denied = access_(); !denied.ok()) return Deny(std::move(denied));
    response_.Clear();
    for (const Change& change : frame.changes) {
      wire::EncodeCounterResource(change, response_.add_counters());
    }
    StartWrite(&response_);
  }
  void Finish(const absl::Status& status) override {
    WatchReactor::Finish(runtime::ToGrpcStatus(status));
  }
  void Cancel() override { context_.TryCancel(); }

  // --- gRPC's reactions, on its threads. ---

  void OnWriteDone(bool /*ok*/) override { loop_.PostWritten(id_); }
  void OnCancel() override {
    loop_.Post([id = id_](Replica& replica) { replica.OnPeerGone(id); });
  }
  void OnDone() override {
    loop_.Post([id = id_](Replica& replica) { replica.OnClosed(id); });
  }

 private:
  // As a write that comes back, to a stream that has to end.
  void Deny(absl::Status why) {
    loop_.Post([id = id_, why = std::move(why)](Replica& replica) {
      replica.OnDenied(id, why);
      replica.OnWritten(id);
    });
  }

  ReplicaLoop& loop_;
  grpc::CallbackServerContext& context_;
  const WatchAccess access_;
  const StreamId id_;
  v1::WatchCountersResponse response_;
};

}  // namespace

WatchReactor* StartWatch(ReplicaLoop& loop, grpc::CallbackServerContext& context,
                         const std::vector<CounterId>& counters, WatchAccess access) {
  auto stream = std::make_unique<WatchStream>(loop, context, std::move(access));
  WatchStream* reactor = stream.get();
  loop.Post([id = reactor->id(), stream = std::move(stream), counters](Replica& replica) mutable {
    replica.OpenWatch(id, std::move(stream), counters);
  });
  return reactor;
}

WatchReactor* RefuseWatch(const absl::Status& why) { return new RefusedWatch(why); }

}  // namespace livecounter::counter
