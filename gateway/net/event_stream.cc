#include "gateway/net/event_stream.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "gateway/net/socket_io.h"

namespace livecounter::gateway::net {
namespace {

// Event streams have no input; a client may still pipeline a request or two into the void.
constexpr size_t kMaxDroppedInput = 4 * 1024;

}  // namespace

void EventStream::Start(const Serving& serving, FileDescriptor socket, std::string beginning,
                        std::unique_ptr<StreamHandler> handler) {
  EventStream& stream = serving.residents.Add(
      std::make_unique<EventStream>(serving, std::move(socket), std::move(handler)));
  stream.Begin(std::move(beginning));
}

void EventStream::OnInput(absl::string_view bytes) {
  dropped_input_ += std::min(bytes.size(), kMaxDroppedInput);
  if (dropped_input_ > kMaxDroppedInput) Fail();
}

// The kernel would end a reader that stalls as it ends one that is gone. While the stream is behind, its
// own deadlines tell the two apart.
void EventStream::OnFellBehind() { SetUnacknowledgedTimeout(fd(), absl::ZeroDuration()); }

void EventStream::OnCaughtUp() {
  SetUnacknowledgedTimeout(fd(), serving().limits.unacknowledged);
  if (state() == State::kClosing) EndOrderly();
}

void EventStream::Close(const CloseReason& reason) {
  if (state() != State::kOpen) return;
  BeginClosing();
  if (!reason.last_event.empty()) WriteOrKeep(reason.last_event);
  if (!is_behind()) EndOrderly();
}

}  // namespace livecounter::gateway::net
