#include "gateway/http/router.h"

#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "gateway/http/cors.h"
#include "gateway/http/rejection.h"
#include "gateway/problem.h"

namespace livecounter::gateway {
namespace {

using observability::RejectReason;

Response NoSuchResource(const Request& request) {
  Response response =
      Problem(404,
              "There is nothing here. The resources are /counters/{id}/, /counters/{id}/badge.svg, "
              "/sub, /watch and /client.js.");
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

Router::Router(LoopParts& parts, const Assets& assets, absl::Duration shared_max_age)
    : parts_(parts),
      assets_(assets),
      counters_(parts, shared_max_age),
      sub_(parts),
      watch_(parts) {}

StreamResource* Router::StreamAt(absl::string_view path) {
  if (path == "/sub") return &sub_;
  if (path == "/watch") return &watch_;
  return nullptr;
}

void Router::OnRequest(std::unique_ptr<Exchange> exchange) {
  parts_.link.Receive();
  // A copy: it outlives the exchange.
  const std::string path = exchange->request().path;
  if (const auto counter = ParseCounterPath(path)) {
    counters_.Serve(std::move(exchange), *counter);
  } else if (StreamResource* stream = StreamAt(path)) {
    stream->Serve(std::move(exchange));
  } else if (absl::optional<Response> response = assets_.Serve(exchange->request())) {
    exchange->Respond(*std::move(response));
  } else {
    exchange->Respond(NoSuchResource(exchange->request()));
  }
}

absl::variant<Response, std::unique_ptr<StreamHandler>> Router::OnUpgrade(const Request& request) {
  parts_.link.Receive();
  if (StreamResource* stream = StreamAt(request.path)) return stream->Upgrade(request);
  Response response =
      Problem(404, "There is no WebSocket here. The resources that have one are /sub and /watch.");
  AddCors(request, nullptr, &response.headers);
  return response;
}

void Router::OnRefused(const Request& request, Response& response) {
  CountRejection(parts_, request, ReasonOf(response.status));
  AddCors(request, nullptr, &response.headers);
}

}  // namespace livecounter::gateway
