// What the tests over gRPC share: a whole counterd on free ports of loopback over a directory of its own,
// clients of its services with the right tokens, and one side of a gateway's stream by hand.

#ifndef LIVECOUNTER_TESTS_INTEGRATION_COUNTERD_FIXTURE_H_
#define LIVECOUNTER_TESTS_INTEGRATION_COUNTERD_FIXTURE_H_

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "core/session.h"
#include "gtest/gtest.h"
#include "livecounter/v1/admin_service.grpc.pb.h"
#include "livecounter/v1/counter_service.grpc.pb.h"
#include "livecounter/v1/edge_service.grpc.pb.h"
#include "observability/logging.h"
#include "prometheus/registry.h"
#include "services/counter/embedded/scratch_directory.h"
#include "services/counterd/counterd.h"
#include "services/runtime/clock.h"
#include "services/runtime/grpc_test_support.h"
#include "services/runtime/health.h"
#include "services/runtime/random.h"

namespace livecounter::integration {

inline constexpr absl::string_view kProduct = "accounts/demo/products/demo";
inline constexpr absl::string_view kAdminToken = "an-operators-token";
inline constexpr absl::string_view kEdgeToken = "a-gateways-token";

// A counter of the demo product, and its resource name.
CounterId Counter(absl::string_view id);
std::string Name(absl::string_view id);

// A gateway's side of one EdgeService stream, blocking. Not thread-safe.
class GatewayPeer {
 public:
  explicit GatewayPeer(const std::shared_ptr<grpc::Channel>& channel,
                       absl::string_view token = kEdgeToken);
  // Breaks the stream if it is open.
  ~GatewayPeer();

  // False: the stream is broken.
  bool Send(const HolderFrame& frame);
  bool SendRaw(const v1::AttachRequest& request) { return stream_->Write(request); }
  // The next frame that is not a keep-alive; nothing at the end of the stream.
  absl::optional<ReceiverFrame> Receive();
  // Says hello and returns the welcome; nothing if the stream ended instead.
  absl::optional<Welcome> Attach(HolderId holder, uint64_t stream = 1, uint64_t highest_epoch = 0);
  // Watches `counter` and holds one hash for each of `present`, as a full resend.
  void Resend(const CounterId& counter, int present, absl::optional<int64_t> floor = {});
  // Sends and waits for the answer to its one batch.
  HitAnswer Hit(const HitBatch& batch);
  // Reads until a change of `counter` shows this many present, and returns it.
  Change AwaitPresent(const CounterId& counter, int64_t present);
  // Reads to the end of the stream.
  absl::Status End();

 private:
  grpc::ClientContext context_;
  std::unique_ptr<v1::EdgeService::Stub> stub_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::AttachRequest, v1::AttachResponse>> stream_;
  bool ended_ = false;
};

// The real time, and what a test adds to it.
class ShiftedClock final : public runtime::Clock {
 public:
  absl::Time Now() override { return real_.Now() + absl::Seconds(shift_seconds_.load()); }
  void Advance(absl::Duration step) { shift_seconds_ += absl::ToInt64Seconds(step); }

 private:
  runtime::RealClock real_;
  std::atomic<int64_t> shift_seconds_{0};
};

// Whether the streams and calls of a test go over TCP or stay in the process.
enum class Path { kTcp, kInProcess };

class CounterdTest : public ::testing::Test {
 protected:
  CounterdTest() {
    runtime::KeepGrpcRunning();
    options_ = DefaultOptions();
  }

  // Starts counterd; again after Stop() on the same data, and on the same ports. With the product that
  // the tests' counters are of, unless `has_product_` says no or it is there.
  void Start();
  // Ends it as a signal would.
  void Stop() { counterd_.reset(); }

  std::shared_ptr<grpc::Channel> EdgeChannel(Path path = Path::kTcp);
  std::shared_ptr<grpc::Channel> CounterChannel();
  std::unique_ptr<v1::CounterService::Stub> CounterStub();
  std::unique_ptr<v1::AdminService::Stub> AdminStub();
  // A context with the operator's token and a deadline that no test reaches.
  std::unique_ptr<grpc::ClientContext> Context(absl::string_view token = kAdminToken);

  // CreateCounter and GetCounter.
  void Create(absl::string_view id, int64_t hits = 0);
  v1::Counter Get(absl::string_view id);

  counter::embedded::ScratchDirectory directory_;
  ShiftedClock clock_;
  runtime::SecureRandom random_;
  observability::Logger logger_{{.minimum = observability::LogLevel::kError}};
  counterd::Options options_;
  bool has_product_ = true;
  std::shared_ptr<grpc::Channel> verifier_;
  std::unique_ptr<runtime::Health> health_;
  std::unique_ptr<prometheus::Registry> registry_;
  std::unique_ptr<counterd::Counterd> counterd_;

 private:
  counterd::Options DefaultOptions() const;
  void CreateProduct();
};

}  // namespace livecounter::integration

#endif  // LIVECOUNTER_TESTS_INTEGRATION_COUNTERD_FIXTURE_H_
