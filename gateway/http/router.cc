#include "gateway/http/router.h"

#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "gateway/http/cors.h"
#include "gateway/problem.h"

namespace livecounter::gateway {
namespace {

using observability::RejectReason;

constexpr absl::string_view kSubPath = "/sub";

Response NoSuchResource(const Request& request) {
  Response response = Problem(
      404, "There is nothing here. The resources are /counters/{id}/, /sub and /client.js.");
  AddCors(request, nullptr, &response.headers);
  return response;
}

RejectReason ReasonOf(int status) {
  switch (status) {
    case 413:
    case 414:
    case 431:
      return RejectReason::kTooLarge;
    default:
      return RejectReason::kBadRequest;
  }
}

}  // namespace

Router::Router(LoopParts& parts, const Catalog& catalog, const Assets& assets,
               absl::Duration shared_max_age)
    : parts_(parts),
      assets_(assets),
      counters_(parts, catalog, shared_max_age),
      sub_(parts, catalog) {}

void Router::OnRequest(std::unique_ptr<Exchange> exchange) {
  parts_.link.Receive();
  // A copy: it outlives the exchange.
  const std::string path = exchange->request().path;
  if (const auto id = CounterIdOfPath(path)) {
    counters_.Serve(std::move(exchange), *id);
  } else if (path == kSubPath) {
    sub_.Serve(std::move(exchange));
  } else if (absl::optional<Response> response = assets_.Serve(exchange->request())) {
    exchange->Respond(*std::move(response));
  } else {
    exchange->Respond(NoSuchResource(exchange->request()));
  }
}

absl::variant<Response, std::unique_ptr<StreamHandler>> Router::OnUpgrade(const Request& request) {
  parts_.link.Receive();
  if (request.path == kSubPath) return sub_.Upgrade(request);
  Response response =
      Problem(404, "There is no WebSocket here. The resource that has one is /sub.");
  AddCors(request, nullptr, &response.headers);
  return response;
}

void Router::OnRefused(const Request& request, Response& response) {
  parts_.metrics.rejected(ReasonOf(response.status)).Increment();
  AddCors(request, nullptr, &response.headers);
}

}  // namespace livecounter::gateway
