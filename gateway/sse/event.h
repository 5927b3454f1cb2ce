// Server-sent events as the contract writes them (§2; the HTML standard's event-stream format). Pure;
// any thread.

#ifndef LIVECOUNTER_GATEWAY_SSE_EVENT_H_
#define LIVECOUNTER_GATEWAY_SSE_EVENT_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/ids.h"
#include "gateway/transport.h"

namespace livecounter::gateway {

// A line that clients skip: it keeps an idle stream, and what is between, awake.
inline constexpr absl::string_view kEventStreamComment = ":\n\n";

// What the head of every event stream says besides its type, which the transport adds: not to be stored,
// nor held back by a proxy's buffer.
std::vector<std::pair<std::string, std::string>> EventStreamHeaders();

// The first bytes of every event stream: a comment of 2,048 spaces, which makes old browsers and proxies
// pass on what follows at once, and when to come back after a loss.
std::string EventStreamOpening(int64_t retry_ms);

// When to come back, alone: sent before a stream is closed for a reason that passes.
std::string EncodeRetry(int64_t retry_ms);

// One value: `event: message`, `id: <epoch>-<revision>`, `data: <integer>`, blank line. Before example
// data, in the same event, stands the comment `: example data` (contract §3).
std::string EncodeEvent(const Version& version, int64_t value, bool is_example = false);

// A JSON object of numbers, as `/watch` sends them. It has no id: the numbers have a version each.
std::string EncodeEvent(absl::string_view json, bool is_example = false);

// "Not now, come back": 200 with nothing but a retry time, and the end. An EventSource gives up for ever
// on any other status.
Response EventStreamRefusal(int64_t retry_ms);

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_SSE_EVENT_H_
