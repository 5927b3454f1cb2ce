// Everything that the console answers: the API below kApiPrefix, pages elsewhere. The loop's thread only.

#ifndef LIVECOUNTER_GATEWAY_CONSOLE_CONSOLE_HANDLER_H_
#define LIVECOUNTER_GATEWAY_CONSOLE_CONSOLE_HANDLER_H_

#include <memory>

#include "absl/strings/string_view.h"
#include "absl/types/variant.h"
#include "gateway/console/api.h"
#include "gateway/console/pages.h"
#include "gateway/transport.h"
#include "observability/gateway_metrics.h"
#include "observability/trace_context.h"

namespace livecounter::gateway::console {

// The headers that the console reads besides those that every request keeps (TransportLimits::more_headers).
inline constexpr absl::string_view kConsoleHeaders[] = {
    "authorization",
    "connect-content-encoding",
    "connect-protocol-version",
    "connect-timeout-ms",
    "content-encoding",
    "content-type",
    "cookie",
    "sec-fetch-site",
    observability::kTraceparent,
};

class ConsoleHandler final : public RequestHandler {
 public:
  // All references outlive the handler; `upstream` may be null (Api).
  ConsoleHandler(const ApiOptions& options, EventLoop& loop, Upstream* upstream, const Pages& pages,
                 observability::ConsoleMetrics& metrics);

  void OnRequest(std::unique_ptr<Exchange> exchange) override;
  // There are no WebSockets here.
  absl::variant<Response, std::unique_ptr<StreamHandler>> OnUpgrade(
      const Request& request) override;
  // What the transport refuses is told to clients of the API as an error of theirs.
  void OnRefused(const Request& request, Response& response) override;

  Api& api() { return api_; }

 private:
  const bool own_tls_;
  Api api_;
  const Pages& pages_;
};

}  // namespace livecounter::gateway::console

#endif  // LIVECOUNTER_GATEWAY_CONSOLE_CONSOLE_HANDLER_H_
