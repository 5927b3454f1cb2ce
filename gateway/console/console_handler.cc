#include "gateway/console/console_handler.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gateway/console/connect_error.h"
#include "gateway/console/method_table.h"
#include "gateway/console/security_headers.h"
#include "gateway/problem.h"

namespace livecounter::gateway::console {
namespace {

bool IsOfApi(const Request& request) {
  return request.path == kApiPrefix ||
         absl::StartsWith(request.path, absl::StrCat(kApiPrefix, "/"));
}

absl::Status RefusalAsError(int http_status) {
  switch (http_status) {
    case 408:
      return absl::DeadlineExceededError("the request was not complete within 10 s");
    case 413:
      return absl::ResourceExhaustedError("a body has at most 1 MiB here");
    default:
      return absl::InvalidArgumentError("this is no request that HTTP/1.1 has");
  }
}

}  // namespace

ConsoleHandler::ConsoleHandler(const ApiOptions& options, EventLoop& loop, Upstream* upstream,
                               const Pages& pages, observability::ConsoleMetrics& metrics)
    : own_tls_(options.own_tls),
      api_(options, loop, ConsoleMethods(), upstream, metrics),
      pages_(pages) {}

void ConsoleHandler::OnRequest(std::unique_ptr<Exchange> exchange) {
  if (IsOfApi(exchange->request())) return api_.OnRequest(std::move(exchange));
  exchange->Respond(pages_.Serve(exchange->request()));
}

absl::variant<Response, std::unique_ptr<StreamHandler>> ConsoleHandler::OnUpgrade(
    const Request& /*request*/) {
  Response response = Problem(
      404,
      "The console has no WebSockets; streams are methods of the API (application/connect+json).");
  AddSecurityHeaders(ContentKind::kData, own_tls_, response.headers);
  return response;
}

void ConsoleHandler::OnRefused(const Request& request, Response& response) {
  if (IsOfApi(request)) {
    for (auto& [name, value] : response.headers) {
      if (name == "content-type") value = "application/json";
    }
    response.body = ErrorJson(RefusalAsError(response.status));
  }
  AddSecurityHeaders(ContentKind::kData, own_tls_, response.headers);
}

}  // namespace livecounter::gateway::console
