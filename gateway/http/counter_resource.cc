#include "gateway/http/counter_resource.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/example_data.h"
#include "gateway/http/accept.h"
#include "gateway/http/badge.h"
#include "gateway/http/cors.h"
#include "gateway/http/query.h"
#include "gateway/http/rejection.h"
#include "gateway/problem.h"
#include "gateway/retry_hint.h"
#include "gateway/sse/event.h"
#include "gateway/sse/event_stream.h"
#include "nlohmann/json.hpp"
#include "wire/names.h"

namespace livecounter::gateway {
namespace {

using observability::RejectReason;

constexpr absl::string_view kMethods = "OPTIONS, GET, HEAD, POST";
constexpr absl::string_view kBadgeMethods = "OPTIONS, GET, HEAD";
constexpr size_t kMaxIdempotencyKeyBytes = 255;

absl::string_view HeaderOr(const Request& request, absl::string_view name,
                           absl::string_view otherwise) {
  return request.header(name).value_or(otherwise);
}

// The numbers as the client asked to read them.
Response ReadingResponse(const Request& request, const std::string& id,
                         const Hub::Reading& reading) {
  Response response;
  if (AcceptHolds(HeaderOr(request, "accept", ""), "application/json")) {
    nlohmann::ordered_json body;
    body["id"] = id;
    body["value"] = *reading.hits;
    body["revision"] = reading.version.revision;
    response.headers = {{"content-type", "application/json"}};
    response.body = body.dump();
  } else {
    response.headers = {{"content-type", "text/plain"}};
    response.body = absl::StrCat(*reading.hits, "\n");
  }
  return response;
}

struct HitRefusal {
  int status;
  RejectReason reason;
};

// Why a hit was surely not counted; nothing where it may have been (core/hits.h, gateway/pending_hits.h).
absl::optional<HitRefusal> RefusalOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInvalidArgument:
      return HitRefusal{400, RejectReason::kBadRequest};
    case absl::StatusCode::kOutOfRange:
      return HitRefusal{409, RejectReason::kBadRequest};
    case absl::StatusCode::kResourceExhausted:
      return HitRefusal{429, RejectReason::kRateLimit};
    default:
      return absl::nullopt;
  }
}

}  // namespace

absl::optional<CounterPath> ParseCounterPath(absl::string_view path, bool has_escaped_slash) {
  if (!absl::ConsumePrefix(&path, "/counters/")) return absl::nullopt;
  if (has_escaped_slash) {
    if (!absl::StrContains(path, '/')) return absl::nullopt;  // "/counters%2F2"
    return CounterPath{path};
  }
  if (absl::ConsumeSuffix(&path, "/badge.svg")) return CounterPath{path, /*is_badge=*/true};
  absl::ConsumeSuffix(&path, "/");
  return CounterPath{path};
}

CounterResource::CounterResource(LoopParts& parts, absl::Duration shared_max_age)
    : parts_(parts),
      cache_control_(absl::StrCat("s-maxage=", absl::ToInt64Seconds(shared_max_age))) {}

void CounterResource::Serve(std::unique_ptr<Exchange> exchange, const CounterPath& path) {
  auto call = std::make_shared<Call>();
  call->exchange = std::move(exchange);
  call->is_badge = path.is_badge;
  if (auto refusal = Identify(path.id, call.get())) {
    call->exchange->Respond(*std::move(refusal));
    return;
  }
  const std::string& method = call->request().method;
  const bool is_get = method == "GET" || method == "HEAD";
  if (is_get && call->is_badge) {
    ServeBadge(call);
  } else if (is_get && AcceptHolds(HeaderOr(call->request(), "accept", ""), "text/event-stream")) {
    ServeEventStream(call);
  } else if (is_get) {
    ServeValue(call);
  } else if (method == "POST" && !call->is_badge) {
    ServeHit(call);
  } else {
    ServeOther(call);
  }
}

absl::optional<Response> CounterResource::Identify(absl::string_view id, Call* call) {
  const Request& request = call->request();
  const auto key = FindParameter(request.query, "key");
  if (!key.ok()) {
    return gateway::Reject(parts_, request, nullptr, RejectReason::kBadRequest, 400,
                           key.status().message());
  }
  if (!parts_.products.is_known()) return RejectUntilProductsAreKnown(parts_, request);
  call->key = std::string(key->value_or(""));
  call->product =
      key->has_value() ? parts_.products.FindByKey(**key) : parts_.products.PublicProduct();
  if (call->product == nullptr) {
    return gateway::Reject(parts_, request, nullptr, RejectReason::kUnknownKey, 404,
                           key->has_value()
                               ? "The parameter \"key\" is no API key of a product here."
                               : "Here every request needs the parameter \"key\", an API key.");
  }
  if (const absl::Status status = wire::CheckHitCounterId(id); !status.ok()) {
    return gateway::Reject(parts_, request, call->product.get(), RejectReason::kUnknownCounter, 404,
                           absl::StrCat("There is no such counter: ", status.message()));
  }
  call->counter = {call->product->name, std::string(id)};
  return absl::nullopt;
}

void CounterResource::Read(const CallPtr& call, Known known) {
  parts_.hub.Read(
      call->counter, call->product, Version(), kReadPatience,
      [this, call, known = std::move(known)](const absl::optional<Hub::Reading>& reading) {
        if (!reading) {
          RejectForNow(*call, RejectReason::kUpstream,
                       "The counter service cannot be reached now, and this gateway "
                       "does not know the counter. Try again later.");
        } else if (!reading->hits) {
          RejectUnknown(*call);
        } else {
          known(*reading);
        }
      });
}

void CounterResource::ReadUnlessDraining(const CallPtr& call, Known known) {
  if (parts_.admission.draining()) {
    RejectForNow(*call, RejectReason::kDraining, "This gateway is being stopped. Try again.");
    return;
  }
  Read(call, std::move(known));
}

void CounterResource::ServeValue(const CallPtr& call) {
  ReadUnlessDraining(call, [this, call](const Hub::Reading& reading) {
    RespondCacheable(*call, ReadingResponse(call->request(), call->counter.id, reading));
  });
}

void CounterResource::ServeBadge(const CallPtr& call) {
  const absl::StatusOr<BadgeStyle> style = ParseBadgeStyle(call->request().query);
  if (!style.ok()) {
    Reject(*call, RejectReason::kBadRequest, 400, style.status().message());
    return;
  }
  ReadUnlessDraining(call, [this, call, style = *style](const Hub::Reading& reading) {
    Response response;
    response.headers = {{"content-type", "image/svg+xml"},
                        // It may be opened as a page: one that can do nothing.
                        {"content-security-policy", "default-src 'none'"},
                        {"x-content-type-options", "nosniff"}};
    response.body = DrawBadge(style, *reading.hits);
    RespondCacheable(*call, std::move(response));
  });
}

void CounterResource::ServeEventStream(const CallPtr& call) {
  if (const auto reason = parts_.admission.Refusal()) {
    call->exchange->Respond(
        RejectEventStreamForNow(parts_, call->request(), call->product.get(), *reason));
    return;
  }
  parts_.hub.Read(call->counter, call->product, Version(), kReadPatience,
                  [this, call](const absl::optional<Hub::Reading>& reading) {
                    if (reading && !reading->hits) {
                      RejectUnknown(*call);
                    } else {
                      CatchUp(call);
                    }
                  });
}

void CounterResource::CatchUp(const CallPtr& call) {
  const absl::optional<Version> seen =
      Version::Parse(HeaderOr(call->request(), "last-event-id", ""));
  if (!seen) {
    StartEventStream(call);
    return;
  }
  parts_.hub.Read(
      call->counter, call->product, *seen, kCatchUpPatience,
      [this, call](const absl::optional<Hub::Reading>& /*reading*/) { StartEventStream(call); });
}

void CounterResource::StartEventStream(const CallPtr& call) {
  const Request& request = call->request();
  auto at_address = parts_.admission.limits().TakePlace(request, *call->product);
  auto in_product = at_address ? parts_.products.Take(call->product, call->key) : absl::nullopt;
  if (!in_product) {
    call->exchange->Respond(RejectEventStreamForNow(
        parts_, request, call->product.get(),
        at_address ? RejectReason::kProductConnections : RejectReason::kAddressConnections));
    return;
  }
  Headers headers = EventStreamHeaders();
  AddCors(request, call->product.get(), &headers);
  auto stream = std::make_unique<EventStream>(parts_, *std::move(in_product),
                                              Subscription{call->counter, Field::kHits});
  call->exchange->StartEventStream(std::move(headers),
                                   EventStreamOpening(RetryHintMilliseconds(parts_.random)),
                                   HoldPlace(std::move(stream), *std::move(at_address)));
}

void CounterResource::ServeHit(const CallPtr& call) {
  if (!OriginMayUse(call->request(), *call->product)) {
    Reject(*call, RejectReason::kOrigin, 403,
           "The product does not allow the page's origin. The hit was not counted.");
    return;
  }
  const absl::optional<absl::string_view> key = call->request().header("idempotency-key");
  if (key && (key->empty() || key->size() > kMaxIdempotencyKeyBytes)) {
    Reject(*call, RejectReason::kBadRequest, 400,
           absl::StrCat("The header Idempotency-Key has ", key->size(), " bytes; it takes 1 to ",
                        kMaxIdempotencyKeyBytes, ". The hit was not counted."));
    return;
  }
  if (parts_.admission.draining()) {
    RejectForNow(*call, RejectReason::kDraining,
                 "This gateway is being stopped. The hit was not counted. Try again.");
    return;
  }
  if (const auto too_many =
          parts_.admission.limits().TakeHit(call->request(), *call->product, parts_.loop.Now())) {
    RejectTooManyHits(*call, *too_many);
    return;
  }
  if (!call->product->active) {
    FinishHit(call, ExampleNumbersAt(call->counter, parts_.loop.Now()).hits);
    return;
  }
  const absl::Time start = parts_.loop.Now();
  parts_.hits.Hit(
      call->counter, *call->product, std::string(key.value_or("")),
      [this, call, start](const absl::StatusOr<int64_t>& value) {
        if (value.ok()) {
          parts_.metrics.hit().Observe(absl::ToDoubleSeconds(parts_.loop.Now() - start));
        }
        FinishHit(call, value);
      });
}

void CounterResource::RejectTooManyHits(const Call& call,
                                        const ClientLimits::TooManyHits& too_many) {
  call.exchange->Respond(RejectTooMany(
      parts_, call.request(), call.product.get(), RejectReason::kRateLimit, too_many.wait,
      absl::StrCat(too_many.of_product
                       ? "The product gets more hits than this gateway takes for one."
                       : "Your address sends more hits than one may.",
                   " The hit was not counted. Send it again after the seconds in Retry-After.")));
}

void CounterResource::FinishHit(const CallPtr& call, const absl::StatusOr<int64_t>& value) {
  if (value.ok()) {
    Response response;
    response.headers = {{"content-type", "text/plain"}, {"cache-control", "no-store"}};
    response.body = absl::StrCat(*value, "\n");
    Respond(*call, std::move(response));
  } else if (absl::IsNotFound(value.status())) {
    RejectUnknown(*call);
  } else if (const auto refusal = RefusalOf(value.status().code())) {
    Reject(*call, refusal->reason, refusal->status,
           absl::StrCat("The hit was not counted: ", value.status().message()));
  } else {
    RejectForNow(*call, RejectReason::kUpstream,
                 absl::StrCat("The hit may have been counted: ", value.status().message(),
                              ". To have it counted once and no more, repeat it with an "
                              "Idempotency-Key, the same each time."));
  }
}

void CounterResource::ServeOther(const CallPtr& call) {
  Read(call, [this, call](const Hub::Reading& /*reading*/) {
    const Request& request = call->request();
    const absl::string_view methods = call->is_badge ? kBadgeMethods : kMethods;
    if (request.method == "OPTIONS") {
      call->exchange->Respond(Preflight(request, call->product.get(), methods));
      return;
    }
    parts_.metrics.rejected(RejectReason::kMethod).Increment();
    Respond(*call, MethodNotAllowed(request.method, methods));
  });
}

void CounterResource::Respond(const Call& call, Response response) {
  AddCors(call.request(), call.product.get(), &response.headers);
  call.exchange->Respond(std::move(response));
}

void CounterResource::RespondCacheable(const Call& call, Response response) {
  response.headers.emplace_back("cache-control", cache_control_);
  response.headers.emplace_back("vary", "Accept");
  Respond(call, std::move(response));
}

void CounterResource::Reject(const Call& call, RejectReason reason, int status,
                             absl::string_view detail) {
  call.exchange->Respond(
      gateway::Reject(parts_, call.request(), call.product.get(), reason, status, detail));
}

void CounterResource::RejectUnknown(const Call& call) {
  Reject(call, RejectReason::kUnknownCounter, 404,
         absl::StrCat("The product has no hit counter \"", call.counter.id,
                      "\". It has to be created first."));
}

void CounterResource::RejectForNow(const Call& call, RejectReason reason,
                                   absl::string_view detail) {
  call.exchange->Respond(
      gateway::RejectForNow(parts_, call.request(), call.product.get(), reason, detail));
}

}  // namespace livecounter::gateway
