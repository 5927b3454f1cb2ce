#include "gateway/http/sub_resource.h"

#include <utility>

#include "absl/time/time.h"
#include "gateway/http/accept.h"
#include "gateway/http/cors.h"
#include "gateway/http/query.h"
#include "gateway/http/rejection.h"
#include "gateway/presence_hash.h"
#include "gateway/problem.h"
#include "gateway/retry_hint.h"
#include "gateway/sse/event.h"
#include "gateway/sse/event_stream.h"
#include "gateway/ws/sub_socket.h"

namespace livecounter::gateway {
namespace {

using observability::RejectReason;

constexpr absl::string_view kMethods = "OPTIONS, GET, HEAD";
// As for `/counters/` (contract §2).
constexpr absl::Duration kCatchUpPatience = absl::Seconds(2);

}  // namespace

absl::variant<Response, Subscription> SubResource::Check(const Request& request) {
  const absl::StatusOr<SubParameters> parameters = ParseSubParameters(request.query);
  if (!parameters.ok()) {
    return Reject(parts_, request, nullptr, RejectReason::kBadRequest, 400,
                  parameters.status().message());
  }
  std::shared_ptr<const Product> product = catalog_.FindByKey(parameters->key);
  if (product == nullptr) {
    Response response = Reject(parts_, request, nullptr, RejectReason::kUnknownKey, 401,
                               "The parameter \"key\" is no API key of a product here.");
    response.headers.emplace_back("www-authenticate", "ApiKey");
    return response;
  }
  if (!OriginMayUse(request, *product)) {
    return Reject(parts_, request, product.get(), RejectReason::kOrigin, 403,
                  "The product does not allow the page's origin.");
  }
  Subscription subscription;
  subscription.counter = {product->name, parameters->url_id};
  subscription.field = Field::kPresent;
  if (parameters->contributes) {
    subscription.presence = HashPresenceId(parameters->presence_id, product->presence_secret);
  }
  subscription.product = std::move(product);
  return subscription;
}

absl::variant<Response, std::unique_ptr<StreamHandler>> SubResource::Upgrade(
    const Request& request) {
  auto checked = Check(request);
  if (auto* refusal = absl::get_if<Response>(&checked)) return std::move(*refusal);
  Subscription& subscription = absl::get<Subscription>(checked);
  if (const auto reason = parts_.admission.Refusal()) {
    return RejectWebSocketForNow(parts_, request, subscription.product.get(), *reason);
  }
  return std::make_unique<SubSocket>(parts_, std::move(subscription));
}

void SubResource::Serve(std::unique_ptr<Exchange> exchange) {
  const Request& request = exchange->request();
  if (request.method == "GET" || request.method == "HEAD") {
    ServeGet(std::move(exchange));
  } else if (request.method == "OPTIONS") {
    const auto key = FindParameter(request.query, "key");
    const auto product = key.ok() && key->has_value() ? catalog_.FindByKey(**key) : nullptr;
    exchange->Respond(Preflight(request, product.get(), kMethods));
  } else {
    parts_.metrics.rejected(RejectReason::kMethod).Increment();
    Response response = MethodNotAllowed(request.method, kMethods);
    AddCors(request, nullptr, &response.headers);
    exchange->Respond(std::move(response));
  }
}

void SubResource::ServeGet(std::unique_ptr<Exchange> exchange) {
  const Request& request = exchange->request();
  auto checked = Check(request);
  if (auto* refusal = absl::get_if<Response>(&checked)) {
    exchange->Respond(std::move(*refusal));
    return;
  }
  Subscription& subscription = absl::get<Subscription>(checked);
  const bool is_event_stream =
      AcceptHolds(request.header("accept").value_or(""), "text/event-stream");
  const auto reason = parts_.admission.Refusal();
  if (is_event_stream && reason) {
    exchange->Respond(
        RejectEventStreamForNow(parts_, request, subscription.product.get(), *reason));
  } else if (reason) {
    exchange->Respond(RejectWebSocketForNow(parts_, request, subscription.product.get(), *reason));
  } else if (!is_event_stream) {
    exchange->Respond(NotAStream(request, subscription.product.get()));
  } else {
    CatchUp(std::move(exchange), std::move(subscription));
  }
}

void SubResource::CatchUp(std::unique_ptr<Exchange> exchange, Subscription subscription) {
  const absl::optional<Version> seen =
      Version::Parse(exchange->request().header("last-event-id").value_or(""));
  if (!seen) {
    StartEventStream(*exchange, subscription);
    return;
  }
  const CounterId counter = subscription.counter;
  const std::shared_ptr<const Product> product = subscription.product;
  parts_.hub.Read(counter, product, *seen, kCatchUpPatience,
                  [this, exchange = std::shared_ptr<Exchange>(std::move(exchange)),
                   subscription = std::move(subscription)](const auto& /*reading*/) {
                    StartEventStream(*exchange, subscription);
                  });
}

void SubResource::StartEventStream(Exchange& exchange, const Subscription& subscription) {
  Headers headers = EventStreamHeaders();
  AddCors(exchange.request(), subscription.product.get(), &headers);
  exchange.StartEventStream(std::move(headers),
                            EventStreamOpening(RetryHintMilliseconds(parts_.random)),
                            std::make_unique<EventStream>(parts_, subscription));
}

Response SubResource::NotAStream(const Request& request, const Product* product) {
  Response response =
      Reject(parts_, request, product, RejectReason::kNotAStream, 426,
             "This resource is a stream: upgrade to WebSocket, or ask for an event stream with "
             "the header Accept: text/event-stream.");
  response.headers.emplace_back("upgrade", "websocket");
  return response;
}

}  // namespace livecounter::gateway
