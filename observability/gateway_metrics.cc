#include "observability/gateway_metrics.h"

#include <string>

#include "observability/grpc_server_metrics.h"
#include "observability/metric_families.h"

namespace livecounter::observability {
namespace {

// From the batching tick (5 ms) over the update interval (100 ms) to a client's patience.
const Buckets& UpdateDelayBuckets() {
  static const Buckets buckets = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                  0.15,  0.25,   0.5,   1,    2.5,   5,    10};
  return buckets;
}

constexpr std::array<const char*, kTransports> kTransportNames = {"websocket", "sse"};

constexpr std::array<const char*, kRejectReasons> kRejectReasonNames = {"bad_request",
                                                                        "unknown_key",
                                                                        "unknown_counter",
                                                                        "origin",
                                                                        "method",
                                                                        "too_large",
                                                                        "not_a_stream",
                                                                        "rate_limit",
                                                                        "product_connections",
                                                                        "address_connections",
                                                                        "draining",
                                                                        "overloaded",
                                                                        "upstream"};

constexpr std::array<const char*, kConnectResults> kConnectResultNames = {"accepted", "refused",
                                                                          "draining", "failed"};

constexpr std::array<const char*, kUserVerdicts> kUserVerdictNames = {"valid", "invalid",
                                                                      "indeterminate", "none"};

constexpr std::array<const char*, kTlsListeners> kTlsListenerNames = {"edge", "console"};

}  // namespace

ConnectResult ResultOf(RejectReason reason) {
  switch (reason) {
    case RejectReason::kDraining:
      return ConnectResult::kDraining;
    case RejectReason::kOverloaded:
    case RejectReason::kUpstream:
      return ConnectResult::kFailed;
    default:
      return ConnectResult::kRefused;
  }
}

GatewayMetrics::GatewayMetrics(prometheus::Registry& registry) {
  RegisterEdge(registry);
  RegisterUpstream(registry);
  RegisterUsers(registry);
}

void GatewayMetrics::RegisterEdge(prometheus::Registry& registry) {
  GaugeFamily& connections = Gauges(registry, "livecounter_gateway_connections",
                                    "Open WebSockets and event streams of clients.");
  CounterFamily& updates =
      Counters(registry, "livecounter_gateway_updates_sent_total", "Updates written to clients.");
  for (size_t i = 0; i < kTransports; ++i) {
    const Labels labels = {{"transport", kTransportNames[i]}};
    connections_[i] = &connections.Add(labels);
    updates_sent_[i] = &updates.Add(labels);
  }
  CounterFamily& connects =
      Counters(registry, "livecounter_gateway_connects_total",
               "Attempts of clients to open a stream. refused: the client's doing, or a bound that "
               "it knows of; draining: sent to another gateway; failed: ours.");
  for (size_t i = 0; i < kConnectResults; ++i) {
    connects_[i] = &connects.Add({{"result", kConnectResultNames[i]}});
  }
  CounterFamily& rejected = Counters(registry, "livecounter_gateway_rejected_total",
                                     "Requests of clients that were not served.");
  for (size_t i = 0; i < kRejectReasons; ++i) {
    rejected_[i] = &rejected.Add({{"reason", kRejectReasonNames[i]}});
  }
  update_delay_ = &OneHistogram(registry, "livecounter_gateway_update_delay_seconds",
                                "From a change accepted by counterd to its update written to those "
                                "who watch already. What a stream opens with, and what /watch "
                                "sends, is not in it.",
                                UpdateDelayBuckets());
  hit_ = &OneHistogram(registry, "livecounter_gateway_hit_seconds",
                       "From a whole POST to its answer, of hits that were counted.",
                       UpdateDelayBuckets());
  watched_counters_ =
      &OneGauge(registry, "livecounter_gateway_watched_counters",
                "Counters that some client reads or streams, over all event loops.");
  CounterFamily& handshakes = Counters(registry, "livecounter_gateway_tls_handshakes_total",
                                       "TLS handshakes with clients that have ended.");
  for (size_t i = 0; i < kTlsListeners; ++i) {
    const char* const listener = kTlsListenerNames[i];
    tls_handshakes_[i] = {&handshakes.Add({{"listener", listener}, {"result", "ok"}}),
                          &handshakes.Add({{"listener", listener}, {"result", "failed"}})};
  }
}

void GatewayMetrics::RegisterUpstream(prometheus::Registry& registry) {
  canary_age_ = &OneGauge(registry, "livecounter_gateway_canary_age_seconds",
                          "How old the newest value is of a counter that counterd moves each "
                          "second: how fresh all numbers are. From the start where none has come.");
  upstream_connected_ = &OneGauge(registry, "livecounter_gateway_upstream_connected",
                                  "1 while the session with counterd stands, else 0.");
  catalog_products_ =
      &OneGauge(registry, "livecounter_gateway_catalog_products", "Products known.");
  catalog_changes_ = &OneCounter(registry, "livecounter_gateway_catalog_changes_total",
                                 "Products received, new or changed or gone.");
  catalog_lost_ = &OneGauge(registry, "livecounter_gateway_catalog_lost_seconds",
                            "For how long changes of products do not come; 0 while they do.");
  usage_unsent_age_ =
      &OneGauge(registry, "livecounter_gateway_usage_unsent_age_seconds",
                "How long ago the oldest connection was accepted that counterd has not counted for "
                "billing yet; 0 for none.");
}

void GatewayMetrics::RegisterUsers(prometheus::Registry& registry) {
  CounterFamily& verdicts = Counters(registry, "livecounter_gateway_user_verdicts_total",
                                     "What was answered about users; none: nobody answered.");
  for (size_t i = 0; i < kUserVerdicts; ++i) {
    verdicts_[i] = &verdicts.Add({{"verdict", kUserVerdictNames[i]}});
  }
  unverified_users_ =
      &OneGauge(registry, "livecounter_gateway_unverified_users",
                "Users of products with verification who are here and do not count.");
  verifications_in_flight_ = &OneGauge(registry, "livecounter_gateway_verifications_in_flight",
                                       "Questions about users that the verifier is to answer.");
}

ConsoleMetrics::ConsoleMetrics(prometheus::Registry& registry)
    : requests_(&Counters(registry, "livecounter_console_requests_total",
                          "Calls of the console's API that have ended. Codes other than OK show "
                          "once they occur.")),
      request_(&OneHistogram(registry, "livecounter_console_request_seconds",
                             "From a whole request of the console's API to its answer, without "
                             "streams.",
                             GrpcBuckets())),
      streams_(&OneGauge(registry, "livecounter_console_streams",
                         "Open streams of the console's API.")) {}

void ConsoleMetrics::AddMethod(absl::string_view service, absl::string_view method) {
  requests(service, method, /*code=*/0);
}

prometheus::Counter& ConsoleMetrics::requests(absl::string_view service, absl::string_view method,
                                              int code) {
  return requests_->Add({{"grpc_service", std::string(service)},
                         {"grpc_method", std::string(method)},
                         {"grpc_code", GrpcCodeName(code)}});
}

}  // namespace livecounter::observability
