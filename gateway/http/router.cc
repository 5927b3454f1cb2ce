#include "gateway/http/router.h"

#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "gateway/http/accept.h"
#include "gateway/http/cors.h"
#include "gateway/http/rejection.h"
#include "gateway/problem.h"

namespace livecounter::gateway {
namespace {

using observability::RejectReason;
using observability::Resource;

Response NoSuchResource(const Request& request) {
  Response response =
      Problem(404,
              "There is nothing here. The resources are /counters/{id}/, /counters/{id}/badge.svg, "
              "/sub, /watch and /client.js.");
  AddCors(request, nullptr, &response.headers);
  return response;
}

Resource ResourceOf(const Request& request, const CounterPath& counter) {
  if (counter.is_badge) return Resource::kBadge;
  if (request.method == "POST") return Resource::kHit;
  return AcceptHolds(request.header("accept").value_or(""), "text/event-stream") ? Resource::kStream
                                                                                 : Resource::kValue;
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

void Router::Count(Resource resource) { parts_.metrics.requests(resource).Increment(); }

void Router::OnRequest(std::unique_ptr<Exchange> exchange) {
  parts_.link.Receive();
  // A copy: it outlives the exchange.
  const std::string path = exchange->request().path;
  const bool has_escaped_slash = exchange->request().has_escaped_slash;
  if (const auto counter = ParseCounterPath(path, has_escaped_slash)) {
    Count(ResourceOf(exchange->request(), *counter));
    counters_.Serve(std::move(exchange), *counter);
  } else if (StreamResource* stream = StreamAt(path)) {
    Count(Resource::kStream);
    stream->Serve(std::move(exchange));
  } else if (absl::optional<Response> response = assets_.Serve(exchange->request())) {
    Count(Resource::kAsset);
    exchange->Respond(*std::move(response));
  } else {
    Count(Resource::kOther);
    exchange->Respond(NoSuchResource(exchange->request()));
  }
}

absl::variant<Response, std::unique_ptr<StreamHandler>> Router::OnUpgrade(const Request& request) {
  parts_.link.Receive();
  Count(Resource::kStream);
  return StreamAt(request.path)->Upgrade(request);
}

void Router::OnRefused(const Request& request, Response& response) {
  CountRejection(parts_, request, ReasonOf(response.status));
  const bool is_read = !request.method.empty();
  const ProductPtr product = is_read ? ProductShown(parts_, request) : nullptr;
  AddCors(request, product.get(), &response.headers);
}

}  // namespace livecounter::gateway
