// Responses as HTTP/1.1 bytes (RFC 9112 §4). Pure; any thread.

#ifndef LIVECOUNTER_GATEWAY_NET_RESPONSE_ENCODER_H_
#define LIVECOUNTER_GATEWAY_NET_RESPONSE_ENCODER_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gateway/transport.h"

namespace livecounter::gateway::net {

// What the `connection` header of an answer says.
enum class Persistence {
  kKeepAlive,          // HTTP/1.1: nothing, it is the rule
  kExplicitKeepAlive,  // HTTP/1.0 that asked for it
  kClose,
};

// "Not Found"; "Status" for a status without a standard phrase.
absl::string_view ReasonPhrase(int status);

// `now` in the form of the Date header (RFC 9110 §5.6.7).
std::string HttpDate(absl::Time now);

// Head and body, the body left out for HEAD. Statuses 1xx, 204 and 304 get no content-length.
std::string EncodeResponse(const Response& response, Persistence persistence, bool is_head,
                           absl::string_view date);

// The head of 200 text/event-stream, or of the content-type among `headers`. The stream ends with the connection: so every frame is the same
// bytes for all clients, HTTP/1.0 ones too, which chunks would not be.
std::string EncodeEventStreamHead(const std::vector<std::pair<std::string, std::string>>& headers,
                                  absl::string_view date);

}  // namespace livecounter::gateway::net

#endif  // LIVECOUNTER_GATEWAY_NET_RESPONSE_ENCODER_H_
