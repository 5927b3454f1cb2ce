// Where browsers reach the gateways: what the dashboard's snippets name, and the one other origin that its pages
// may load the browser client from and connect to. Immutable; any thread.

#ifndef LIVECOUNTER_GATEWAY_CONSOLE_EDGE_ORIGIN_H_
#define LIVECOUNTER_GATEWAY_CONSOLE_EDGE_ORIGIN_H_

#include <string>

#include "absl/strings/string_view.h"
#include "gateway/transport.h"

namespace livecounter::gateway::console {

// Whether --public_url may be so: "https://live.example.com", "http://127.0.0.1:8080", without a path; or nothing.
bool IsPublicUrl(absl::string_view text);

class EdgeOrigin {
 public:
  // Precondition: IsPublicUrl(public_url). Where it is empty the gateways are taken to be at `http_port` of the
  // host that the console was asked as, over TLS if `own_tls`.
  EdgeOrigin(std::string public_url, int http_port, bool own_tls);

  // "http://127.0.0.1:8080". Empty where it is to be told from the request's Host, and that is missing or no host
  // name: it goes into headers.
  std::string For(const Request& request) const;

 private:
  const std::string public_url_;
  const int http_port_;
  const bool own_tls_;
};

}  // namespace livecounter::gateway::console

#endif  // LIVECOUNTER_GATEWAY_CONSOLE_EDGE_ORIGIN_H_
