#include "gateway/http/stream_resource.h"

#include <utility>

#include "absl/time/time.h"
#include "gateway/address_connections.h"
#include "gateway/http/accept.h"
#include "gateway/http/cors.h"
#include "gateway/http/query.h"
#include "gateway/http/rejection.h"
#include "gateway/problem.h"
#include "gateway/retry_hint.h"
#include "gateway/sse/event.h"

namespace livecounter::gateway {
namespace {

using observability::RejectReason;

constexpr absl::string_view kMethods = "OPTIONS, GET, HEAD";
// As for `/counters/` (contract §2).
constexpr absl::Duration kCatchUpPatience = absl::Seconds(2);

}  // namespace

Response StreamResource::RejectParameters(const Request& request, const absl::Status& status) {
  return Reject(parts_, request, ProductShown(parts_, request).get(), RejectReason::kBadRequest,
                400, status.message());
}

absl::variant<Response, ProductPtr> StreamResource::FindProduct(const Request& request,
                                                                absl::string_view key) {
  if (!parts_.products.is_known()) return RejectUntilProductsAreKnown(parts_, request);
  ProductPtr product = parts_.products.FindByKey(key);
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
  return product;
}

absl::variant<Response, std::unique_ptr<StreamHandler>> StreamResource::Upgrade(
    const Request& request) {
  auto checked = Check(request);
  if (auto* refusal = absl::get_if<Response>(&checked)) return std::move(*refusal);
  const Offer& offer = absl::get<Offer>(checked);
  if (const auto reason = parts_.admission.Refusal()) {
    return RejectWebSocketForNow(parts_, request, offer.product.get(), *reason);
  }
  auto made = MakeStream(request, offer, Connection::Kind::kWebSocket);
  if (const auto* reason = absl::get_if<RejectReason>(&made)) {
    return RejectTooManyConnections(parts_, request, offer.product.get(), *reason);
  }
  return absl::get<std::unique_ptr<StreamHandler>>(std::move(made));
}

absl::variant<RejectReason, std::unique_ptr<StreamHandler>> StreamResource::MakeStream(
    const Request& request, const Offer& offer, Connection::Kind kind) {
  auto at_address = parts_.admission.limits().TakePlace(request, *offer.product);
  if (!at_address) return RejectReason::kAddressConnections;
  auto in_product = parts_.products.Take(offer.product, offer.key);
  if (!in_product) return RejectReason::kProductConnections;
  return HoldPlace(offer.make_stream(kind, *std::move(in_product)), *std::move(at_address));
}

void StreamResource::Serve(std::unique_ptr<Exchange> exchange) {
  const Request& request = exchange->request();
  if (request.method == "GET" || request.method == "HEAD") {
    ServeGet(std::move(exchange));
  } else if (request.method == "OPTIONS") {
    exchange->Respond(Preflight(request, ProductShown(parts_, request).get(), kMethods));
  } else {
    parts_.metrics.rejected(RejectReason::kMethod).Increment();
    Response response = MethodNotAllowed(request.method, kMethods);
    AddCors(request, ProductShown(parts_, request).get(), &response.headers);
    exchange->Respond(std::move(response));
  }
}

void StreamResource::ServeGet(std::unique_ptr<Exchange> exchange) {
  const Request& request = exchange->request();
  auto checked = Check(request);
  if (auto* refusal = absl::get_if<Response>(&checked)) {
    exchange->Respond(std::move(*refusal));
    return;
  }
  Offer& offer = absl::get<Offer>(checked);
  const Product* product = offer.product.get();
  const bool is_event_stream =
      AcceptHolds(request.header("accept").value_or(""), "text/event-stream");
  const auto reason = parts_.admission.Refusal();
  if (is_event_stream && reason) {
    exchange->Respond(RejectEventStreamForNow(parts_, request, product, *reason));
  } else if (reason) {
    exchange->Respond(RejectWebSocketForNow(parts_, request, product, *reason));
  } else if (!is_event_stream && !parts_.admission.limits().TakePlace(request, *product)) {
    exchange->Respond(
        RejectTooManyConnections(parts_, request, product, RejectReason::kAddressConnections));
  } else if (!is_event_stream) {
    exchange->Respond(NotAStream(request, product));
  } else {
    ServeEventStream(std::move(exchange), std::move(offer));
  }
}

void StreamResource::ServeEventStream(std::unique_ptr<Exchange> exchange, Offer offer) {
  const absl::optional<Version> seen =
      Version::Parse(exchange->request().header("last-event-id").value_or(""));
  if (!seen || !offer.catch_up) {
    StartEventStream(*exchange, offer);
    return;
  }
  const CounterId counter = *offer.catch_up;
  const ProductPtr product = offer.product;
  parts_.hub.Read(
      counter, product, *seen, kCatchUpPatience,
      [this, exchange = std::shared_ptr<Exchange>(std::move(exchange)),
       offer = std::move(offer)](const auto& /*reading*/) { StartEventStream(*exchange, offer); });
}

void StreamResource::StartEventStream(Exchange& exchange, const Offer& offer) {
  const Request& request = exchange.request();
  auto made = MakeStream(request, offer, Connection::Kind::kEventStream);
  if (const auto* reason = absl::get_if<RejectReason>(&made)) {
    exchange.Respond(RejectEventStreamForNow(parts_, request, offer.product.get(), *reason));
    return;
  }
  Headers headers = EventStreamHeaders();
  AddCors(request, offer.product.get(), &headers);
  exchange.StartEventStream(std::move(headers),
                            EventStreamOpening(RetryHintMilliseconds(parts_.random)),
                            absl::get<std::unique_ptr<StreamHandler>>(std::move(made)));
}

Response StreamResource::NotAStream(const Request& request, const Product* product) {
  Response response =
      Reject(parts_, request, product, RejectReason::kNotAStream, 426,
             "This resource is a stream: upgrade to WebSocket, or ask for an event stream with "
             "the header Accept: text/event-stream.");
  response.headers.emplace_back("upgrade", "websocket");
  return response;
}

}  // namespace livecounter::gateway
