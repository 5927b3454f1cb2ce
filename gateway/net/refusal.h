// What the transport answers without asking the RequestHandler: a problem (RFC 9457) that says what was
// wrong and what is accepted. Pure; any thread.

#ifndef LIVECOUNTER_GATEWAY_NET_REFUSAL_H_
#define LIVECOUNTER_GATEWAY_NET_REFUSAL_H_

#include <string>
#include <utility>
#include <vector>

#include "gateway/transport.h"

namespace livecounter::gateway::net {

struct Refusal {
  int status = 400;
  std::string detail;  // a sentence for the client's author
  std::vector<std::pair<std::string, std::string>> headers = {};
};

// The whole answer: application/problem+json, not to be cached.
Response ToResponse(const Refusal& refusal);

}  // namespace livecounter::gateway::net

#endif  // LIVECOUNTER_GATEWAY_NET_REFUSAL_H_
