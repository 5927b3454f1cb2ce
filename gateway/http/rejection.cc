#include "gateway/http/rejection.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gateway/http/accept.h"
#include "gateway/http/cors.h"
#include "gateway/http/query.h"
#include "gateway/problem.h"
#include "gateway/retry_hint.h"
#include "gateway/sse/event.h"

namespace livecounter::gateway {
namespace {

using observability::RejectReason;

absl::string_view WhyNotNow(RejectReason reason) {
  switch (reason) {
    case RejectReason::kDraining:
      return "This gateway is being stopped. Connect again, best to another one.";
    case RejectReason::kUpstream:
      return "This gateway does not know the products yet. Connect again, best to another one.";
    default:
      return "This gateway has as many connections as it takes. Connect again later, best to "
             "another one.";
  }
}

bool AsksForStream(const Request& request) {
  return request.method == "GET" &&
         (request.header("upgrade").has_value() ||
          AcceptHolds(request.header("accept").value_or(""), "text/event-stream"));
}

}  // namespace

ProductPtr ProductShown(LoopParts& parts, const Request& request) {
  const auto key = FindParameter(request.query, "key");
  if (!key.ok()) return nullptr;
  return key->has_value() ? parts.products.FindByKey(**key) : parts.products.PublicProduct();
}

void CountRejection(LoopParts& parts, const Request& request, RejectReason reason) {
  parts.metrics.rejected(reason).Increment();
  if (reason != RejectReason::kNotAStream && !AsksForStream(request)) return;
  parts.metrics.connects(observability::ResultOf(reason)).Increment();
}

Response Reject(LoopParts& parts, const Request& request, const Product* product,
                observability::RejectReason reason, int status, absl::string_view detail) {
  CountRejection(parts, request, reason);
  Response response = Problem(status, detail);
  AddCors(request, product, &response.headers);
  return response;
}

Response RejectForNow(LoopParts& parts, const Request& request, const Product* product,
                      observability::RejectReason reason, absl::string_view detail) {
  Response response = Reject(parts, request, product, reason, 503, detail);
  response.headers.emplace_back("retry-after", absl::StrCat(RetryHintSeconds(parts.random)));
  return response;
}

Response RejectTooMany(LoopParts& parts, const Request& request, const Product* product,
                       observability::RejectReason reason, absl::Duration wait,
                       absl::string_view detail) {
  Response response = Reject(parts, request, product, reason, 429, detail);
  const int64_t seconds = absl::ToInt64Seconds(absl::Ceil(wait, absl::Seconds(1)));
  response.headers.emplace_back("retry-after", absl::StrCat(seconds));
  return response;
}

Response RejectTooManyConnections(LoopParts& parts, const Request& request, const Product* product,
                                  RejectReason reason) {
  return RejectTooMany(
      parts, request, product, reason, absl::Seconds(RetryHintSeconds(parts.random)),
      reason == RejectReason::kProductConnections
          ? "The product has as many connections as it may have. Connect again later."
          : "Your address has as many connections here as one may have. Close one, or connect "
            "again later.");
}

Response RejectWebSocketForNow(LoopParts& parts, const Request& request, const Product* product,
                               observability::RejectReason reason) {
  return RejectForNow(parts, request, product, reason, WhyNotNow(reason));
}

Response RejectUntilProductsAreKnown(LoopParts& parts, const Request& request) {
  const bool is_event_stream =
      AcceptHolds(request.header("accept").value_or(""), "text/event-stream");
  const bool is_get = request.method == "GET" || request.method == "HEAD";
  return is_event_stream && is_get
             ? RejectEventStreamForNow(parts, request, nullptr, RejectReason::kUpstream)
             : RejectWebSocketForNow(parts, request, nullptr, RejectReason::kUpstream);
}

Response RejectEventStreamForNow(LoopParts& parts, const Request& request, const Product* product,
                                 observability::RejectReason reason) {
  CountRejection(parts, request, reason);
  Response response = EventStreamRefusal(RetryHintMilliseconds(parts.random));
  AddCors(request, product, &response.headers);
  return response;
}

}  // namespace livecounter::gateway
