// What a gateway may send: frames of one or two streams, decoded and carried out by a replica over an
// engine in memory. Each frame is a length byte pair, then that many bytes of AttachRequest; the highest
// bit of the length says which stream. The invariants hold whatever comes, and bytes that are no frame
// end their stream. The same bytes are read as an answer too, as a gateway would.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/stubs/logging.h"
#include "livecounter/v1/edge_service.pb.h"
#include "observability/logging.h"
#include "observability/metrics.h"
#include "prometheus/registry.h"
#include "services/counter/fake_engine.h"
#include "services/counter/fake_stream.h"
#include "services/counter/replica.h"
#include "services/runtime/clock.h"
#include "wire/holder_frame.h"
#include "wire/receiver_frame.h"

namespace livecounter::counter {
namespace {

constexpr StreamId kStreams = 2;

void Require(bool holds) {
  if (!holds) __builtin_trap();
}

// What was accepted is encoded to something that means the same.
void CheckRoundTrip(const HolderFrame& frame) {
  v1::AttachRequest once;
  wire::EncodeHolderFrame(frame, &once);
  const absl::StatusOr<HolderFrame> decoded = wire::DecodeHolderFrame(once);
  Require(decoded.ok());
  v1::AttachRequest twice;
  wire::EncodeHolderFrame(*decoded, &twice);
  Require(once.SerializeAsString() == twice.SerializeAsString());
}

// As above, of the other direction.
void CheckAnswer(absl::string_view bytes) {
  v1::AttachResponse message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
  const absl::StatusOr<ReceiverFrame> frame = wire::DecodeReceiverFrame(message);
  if (!frame.ok()) return;
  v1::AttachResponse once;
  wire::EncodeReceiverFrame(*frame, &once);
  const absl::StatusOr<ReceiverFrame> decoded = wire::DecodeReceiverFrame(once);
  Require(decoded.ok());
  v1::AttachResponse twice;
  wire::EncodeReceiverFrame(*decoded, &twice);
  Require(once.SerializeAsString() == twice.SerializeAsString());
}

// One for all runs: making them takes longer than a run.
observability::CounterdMetrics& Metrics() {
  static auto* const registry = new prometheus::Registry();
  static auto* const metrics = new observability::CounterdMetrics(*registry);
  return *metrics;
}

class Service {
 public:
  Service() {
    engine_.sessions_at_open = {HolderId{1, 2}};
    for (StreamId id = 1; id <= kStreams; ++id) {
      replica_.OpenSession(id, std::make_unique<FakeStream>(streams_[id - 1]));
    }
    Run();
  }
  ~Service() {
    for (StreamId id = 1; id <= kStreams; ++id) replica_.OnClosed(id);
    Run();
  }

  void OnBytes(StreamId id, absl::string_view bytes) {
    FakeStream::Record& stream = streams_[id - 1];
    v1::AttachRequest message;
    if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
    if (stream.reads <= frames_[id - 1]) return;  // gRPC reads what is asked for
    ++frames_[id - 1];
    clock_.Advance(absl::Milliseconds(700));
    const absl::StatusOr<HolderFrame> frame = wire::DecodeHolderFrame(message);
    if (frame.ok()) {
      CheckRoundTrip(*frame);
      replica_.OnFrame(id, *frame);
    } else {
      replica_.OnBadFrame(id, frame.status());
    }
    Run();
    Require(frame.ok() || stream.finished.has_value());
    replica_.CheckInvariants();
  }

 private:
  void Run() {
    for (StreamId id = 1; id <= kStreams; ++id) replica_.OnWritten(id);
    while (!tasks_.empty()) {
      auto task = std::move(tasks_.front());
      tasks_.pop_front();
      task();
    }
    replica_.Turn(clock_.Now());
    for (StreamId id = 1; id <= kStreams; ++id) replica_.OnWritten(id);
    replica_.Turn(clock_.Now());
  }

  FakeEngine engine_;
  runtime::FakeClock clock_{absl::FromUnixSeconds(1'800'000'000)};
  const observability::Logger logger_{
      {.minimum = observability::LogLevel::kError, .sink = [](absl::string_view) {}}};
  std::deque<absl::AnyInvocable<void()>> tasks_;
  FakeStream::Record streams_[kStreams];
  int frames_[kStreams] = {};
  Replica replica_{{},     engine_, [this](auto task) { tasks_.push_back(std::move(task)); },
                   clock_, logger_, Metrics()};
};

}  // namespace
}  // namespace livecounter::counter

extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
  google::protobuf::SetLogHandler(nullptr);  // it has a line to say for each string that is no text
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  livecounter::counter::Service service;
  absl::string_view rest(reinterpret_cast<const char*>(data), size);
  while (rest.size() >= 2) {
    const auto high = static_cast<uint8_t>(rest[0]);
    const size_t length = (high & 0x7f) << 8 | static_cast<uint8_t>(rest[1]);
    rest.remove_prefix(2);
    const absl::string_view bytes = rest.substr(0, length);
    service.OnBytes(1 + (high >> 7), bytes);
    livecounter::counter::CheckAnswer(bytes);
    rest.remove_prefix(bytes.size());
  }
  return 0;
}
