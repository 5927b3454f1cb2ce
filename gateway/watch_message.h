// The JSON of `/watch` (contract §3), both directions. Pure; any thread.

#ifndef LIVECOUNTER_GATEWAY_WATCH_MESSAGE_H_
#define LIVECOUNTER_GATEWAY_WATCH_MESSAGE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace livecounter::gateway {

// What a client says: {"add":["c"],"remove":["a"]}. Removals come first.
struct WatchCommand {
  std::vector<std::string> add;
  std::vector<std::string> remove;
};

// Any bytes. INVALID_ARGUMENT says what is wrong, in at most 100 bytes; each id is 1–2,048 bytes of
// UTF-8. Members of other names are ignored.
absl::StatusOr<WatchCommand> ParseWatchCommand(absl::string_view message);

// Adds `"id":number`, with what stands between, to an object under construction: "" at first. `id` is
// UTF-8.
void AppendNumber(absl::string_view id, int64_t number, std::string* object);
// The finished object: {"a":12,"b":3}.
std::string FinishObject(absl::string_view object);

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_WATCH_MESSAGE_H_
