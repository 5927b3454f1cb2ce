// What a gateway may send: frames of one or two streams, decoded and carried out on the receiver's
// tables. Each frame is a length byte pair, then that many bytes of AttachRequest; the highest bit of
// the length says which stream. The invariants hold whatever comes.

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/session_table.h"
#include "core/watch_table.h"
#include "livecounter/v1/edge_service.pb.h"
#include "wire/holder_frame.h"

namespace livecounter {
namespace {

class Receiver {
 public:
  void OnBytes(StreamId stream, absl::string_view bytes) {
    v1::AttachRequest message;
    if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
    const absl::StatusOr<HolderFrame> frame = wire::DecodeHolderFrame(message);
    if (!frame.ok()) return;
    now_ += absl::Milliseconds(700);
    SessionTable::Effects effects;
    if (frame->hello) {
      sessions_.Attach(stream, *frame->hello, now_, &effects).IgnoreError();
    } else if (sessions_.OnFrame(stream, *frame, now_, &effects).ok()) {
      for (const WatchStart& watch : frame->watch) watches_.Watch(stream, watch.counter);
      for (const CounterId& counter : frame->unwatch) watches_.Unwatch(stream, counter);
    }
    sessions_.Tick(now_, &effects);
    for (const auto& close : effects.close) Drop(close.stream);
    sessions_.CheckInvariants();
    watches_.CheckInvariants();
    CheckRoundTrip(*frame);
  }

 private:
  void Drop(StreamId stream) {
    sessions_.OnStreamClosed(stream);
    watches_.Drop(stream);
  }

  // What was accepted is encoded to something that is accepted again.
  static void CheckRoundTrip(const HolderFrame& frame) {
    v1::AttachRequest message;
    wire::EncodeHolderFrame(frame, &message);
    if (!wire::DecodeHolderFrame(message).ok()) __builtin_trap();
  }

  absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
  SessionTable sessions_{{}, {HolderId{1, 2}}, now_};
  WatchTable watches_;
};

}  // namespace
}  // namespace livecounter

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  livecounter::Receiver receiver;
  absl::string_view rest(reinterpret_cast<const char*>(data), size);
  while (rest.size() >= 2) {
    const auto high = static_cast<uint8_t>(rest[0]);
    const size_t length = (high & 0x7f) << 8 | static_cast<uint8_t>(rest[1]);
    rest.remove_prefix(2);
    receiver.OnBytes(1 + (high >> 7), rest.substr(0, length));
    rest.remove_prefix(std::min(length, rest.size()));
  }
  return 0;
}
