#include "observability/gateway_metrics.h"

#include <string>

#include "observability/grpc_server_metrics.h"
#include "observability/metric_families.h"

namespace livecounter::observability {
namespace {

constexpr std::array<const char*, kTransports> kTransportNames = {"websocket", "sse"};

constexpr std::array<const char*, kResources> kResourceNames = {"value",  "hit",   "badge",
                                                                "stream", "asset", "other"};

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

constexpr std::array<const char*, kTlsHandshakeResults> kTlsHandshakeResultNames = {
    "ok", "not_tls", "protocol", "cipher", "certificate", "closed", "timeout", "other"};

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

// From the batching ticks (5 and 10 ms) over the update interval (100 ms) to a client's patience.
const std::vector<double>& GatewayMetrics::UpdateDelayBounds() {
  static const std::vector<double> bounds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                             0.15,  0.25,   0.5,   1,    2.5,   5,    10};
  return bounds;
}

GatewayMetrics::GatewayMetrics(prometheus::Registry& registry) {
  RegisterEdge(registry);
  RegisterTls(registry);
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
  CounterFamily& requests =
      Counters(registry, "livecounter_gateway_requests_total",
               "Requests of clients that were read, served or not, by what they are for.");
  for (size_t i = 0; i < kResources; ++i) {
    requests_[i] = &requests.Add({{"resource", kResourceNames[i]}});
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
                                UpdateDelayBounds());
  hit_ = &OneHistogram(registry, "livecounter_gateway_hit_seconds",
                       "From a whole POST to its answer, of hits that were counted.",
                       UpdateDelayBounds());
  watched_counters_ =
      &OneGauge(registry, "livecounter_gateway_watched_counters",
                "Counters that some client reads or streams, over all event loops.");
}

void GatewayMetrics::RegisterTls(prometheus::Registry& registry) {
  CounterFamily& handshakes = Counters(
      registry, "livecounter_gateway_tls_handshakes_total",
      "TLS handshakes with clients that have ended. certificate: the client does not trust "
      "ours; protocol, cipher: none that both take; closed: the client went.");
  for (size_t listener = 0; listener < kTlsListeners; ++listener) {
    for (size_t result = 0; result < kTlsHandshakeResults; ++result) {
      tls_handshakes_[listener][result] =
          &handshakes.Add({{"listener", kTlsListenerNames[listener]},
                           {"result", kTlsHandshakeResultNames[result]}});
    }
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
  usage_unsent_connections_ =
      &OneGauge(registry, "livecounter_gateway_usage_unsent_connections",
                "Accepted connections that counterd has not counted for billing yet, those that an "
                "earlier process left in the journal included.");
  usage_journal_failures_ =
      &OneCounter(registry, "livecounter_gateway_usage_journal_failures_total",
                  "Times that the journal of usage (--state_dir) could not be written or removed.");
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
