#include "observability/metrics.h"

#include <map>
#include <string>

#include "absl/time/clock.h"

namespace livecounter::observability {
namespace {

using Buckets = prometheus::Histogram::BucketBoundaries;
using CounterFamily = prometheus::Family<prometheus::Counter>;
using GaugeFamily = prometheus::Family<prometheus::Gauge>;
using HistogramFamily = prometheus::Family<prometheus::Histogram>;
using Labels = std::map<std::string, std::string>;

CounterFamily& Counters(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

GaugeFamily& Gauges(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

HistogramFamily& Histograms(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

// From a commit of one sync put (0.1 ms) to a stalled disk.
const Buckets& CommitBuckets() {
  static const Buckets buckets = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                  0.025,  0.05,    0.1,    0.25,  0.5,    1,     2.5};
  return buckets;
}

// From the batching tick (5 ms) over the update interval (100 ms) to a client's patience.
const Buckets& UpdateDelayBuckets() {
  static const Buckets buckets = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                  0.15,  0.25,   0.5,   1,    2.5,   5,    10};
  return buckets;
}

// From a read in memory (µs) to a write that waits for a disk.
const Buckets& EngineBuckets() {
  static const Buckets buckets = {0.000005, 0.00001, 0.00005, 0.0001, 0.0005, 0.001,
                                  0.005,    0.01,    0.05,    0.1,    0.5,    1};
  return buckets;
}

// From an endpoint in the same rack to the end of our patience (3 s).
const Buckets& CallBuckets() {
  static const Buckets buckets = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                  0.25,  0.5,    1,     1.5,  2,     2.5,  3};
  return buckets;
}

constexpr std::array<const char*, kVerdictLabels> kVerdictNames = {"valid", "invalid",
                                                                   "indeterminate"};

// go-grpc-middleware's, and two below them: most of our calls take less than its first.
const Buckets& GrpcBuckets() {
  static const Buckets buckets = {0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1,
                                  0.25,   0.5,   1,     2.5,  5,     10};
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

constexpr std::array<const char*, kUserVerdicts> kUserVerdictNames = {"valid", "invalid",
                                                                      "indeterminate", "none"};

constexpr std::array<const char*, kEngineOperations> kEngineOperationNames = {"raise_epoch_above",
                                                                              "hit",
                                                                              "hit_once",
                                                                              "create",
                                                                              "set_hits",
                                                                              "delete",
                                                                              "read",
                                                                              "list",
                                                                              "read_history",
                                                                              "delete_product",
                                                                              "add_usage",
                                                                              "read_usage",
                                                                              "record_session",
                                                                              "probe",
                                                                              "write_records",
                                                                              "read_record",
                                                                              "list_records",
                                                                              "backup"};

// As Go's codes.Code prints them.
constexpr std::array<const char*, kGrpcCodes> kGrpcCodeNames = {
    "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
    "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
    "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
    "DataLoss", "Unauthenticated"};

constexpr std::array<const char*, 4> kGrpcTypeNames = {"unary", "client_stream", "server_stream",
                                                       "bidi_stream"};

// Whether an error of the engine is the caller's doing: the request could not have been served.
bool IsRefusal(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kResourceExhausted:
      return true;
    default:
      return false;
  }
}

}  // namespace

void RegisterBuildInfo(prometheus::Registry& registry, absl::string_view program,
                       absl::string_view version) {
  Gauges(registry, "livecounter_build_info", "Always 1; the labels say what is running.")
      .Add({{"program", std::string(program)}, {"version", std::string(version)}})
      .Set(1);
  Gauges(registry, "process_start_time_seconds", "When the process started, in Unix time.")
      .Add({})
      .Set(absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch()));
}

GatewayMetrics::GatewayMetrics(prometheus::Registry& registry) {
  GaugeFamily& connections = Gauges(registry, "livecounter_gateway_connections",
                                    "Open WebSockets and event streams of clients.");
  CounterFamily& updates =
      Counters(registry, "livecounter_gateway_updates_sent_total", "Updates written to clients.");
  for (size_t i = 0; i < kTransports; ++i) {
    const Labels labels = {{"transport", kTransportNames[i]}};
    connections_[i] = &connections.Add(labels);
    updates_sent_[i] = &updates.Add(labels);
  }
  CounterFamily& rejected = Counters(registry, "livecounter_gateway_rejected_total",
                                     "Requests of clients that were not served.");
  for (size_t i = 0; i < kRejectReasons; ++i) {
    rejected_[i] = &rejected.Add({{"reason", kRejectReasonNames[i]}});
  }
  update_delay_ = &Histograms(registry, "livecounter_gateway_update_delay_seconds",
                              "From a change accepted by counterd to its update written.")
                       .Add({}, UpdateDelayBuckets());
  CounterFamily& verdicts = Counters(registry, "livecounter_gateway_user_verdicts_total",
                                     "What was answered about users; none: nobody answered.");
  for (size_t i = 0; i < kUserVerdicts; ++i) {
    verdicts_[i] = &verdicts.Add({{"verdict", kUserVerdictNames[i]}});
  }
  unverified_users_ = &Gauges(registry, "livecounter_gateway_unverified_users",
                              "Users of products with verification who are here and do not count.")
                           .Add({});
  verifications_in_flight_ = &Gauges(registry, "livecounter_gateway_verifications_in_flight",
                                     "Questions about users that the verifier is to answer.")
                                  .Add({});
}

CounterdMetrics::CounterdMetrics(prometheus::Registry& registry) {
  hits_ = &Counters(registry, "livecounter_counterd_hits_total", "Hits made durable.").Add({});
  present_ = &Gauges(registry, "livecounter_counterd_present",
                     "Distinct presence IDs, summed over all counters.")
                  .Add({});
  sessions_ = &Gauges(registry, "livecounter_counterd_sessions",
                      "Gateway sessions whose share is held, attached or detached.")
                   .Add({});
  commit_ = &Histograms(registry, "livecounter_counterd_commit_seconds",
                        "From the first write of a group commit to the end of its sync.")
                 .Add({}, CommitBuckets());
  audit_mismatch_ = &Counters(registry, "livecounter_presence_audit_mismatch",
                              "Audits in which a gateway and counterd held different presences.")
                         .Add({});
}

EngineMetrics::EngineMetrics(prometheus::Registry& registry) {
  CounterFamily& operations = Counters(registry, "livecounter_engine_operations_total",
                                       "Operations that the engine has answered.");
  HistogramFamily& seconds = Histograms(registry, "livecounter_engine_operation_seconds",
                                        "From the call of an engine operation to its answer.");
  for (size_t i = 0; i < kEngineOperations; ++i) {
    const char* op = kEngineOperationNames[i];
    series_[i] = {.ok = &operations.Add({{"op", op}, {"result", "ok"}}),
                  .refused = &operations.Add({{"op", op}, {"result", "refused"}}),
                  .failed = &operations.Add({{"op", op}, {"result", "failed"}}),
                  .seconds = &seconds.Add({{"op", op}}, EngineBuckets())};
  }
}

void EngineMetrics::Record(EngineOperation operation, const absl::Status& result,
                           absl::Duration took) {
  const Series& series = series_[static_cast<size_t>(operation)];
  if (result.ok()) {
    series.ok->Increment();
  } else {
    (IsRefusal(result.code()) ? series.refused : series.failed)->Increment();
  }
  series.seconds->Observe(absl::ToDoubleSeconds(took));
}

VerifierMetrics::VerifierMetrics(prometheus::Registry& registry) {
  CounterFamily& verdicts = Counters(registry, "livecounter_verifier_verdicts_total",
                                     "Calls of customers' endpoints, by what they said.");
  for (size_t i = 0; i < kVerdictLabels; ++i) {
    verdicts_[i] = &verdicts.Add({{"verdict", kVerdictNames[i]}});
  }
  call_ = &Histograms(registry, "livecounter_verifier_call_seconds",
                      "From the start of a call of a customer's endpoint to its end.")
               .Add({}, CallBuckets());
  waiting_ = &Gauges(registry, "livecounter_verifier_waiting_asks",
                     "Asks that wait for a call to begin or to end.")
                  .Add({});
  calls_in_flight_ = &Gauges(registry, "livecounter_verifier_calls_in_flight",
                             "Calls of customers' endpoints under way.")
                          .Add({});
  open_breakers_ = &Gauges(registry, "livecounter_verifier_open_breakers",
                           "Products whose endpoint fails every time and is let alone for a while.")
                        .Add({});
  known_ =
      &Gauges(registry, "livecounter_verifier_known_users", "Users whose verdict is remembered.")
           .Add({});
}

GrpcServerMetrics::GrpcServerMetrics(prometheus::Registry& registry)
    : started_(&Counters(registry, "grpc_server_started_total", "Calls started on the server.")),
      handled_(&Counters(registry, "grpc_server_handled_total",
                         "Calls completed on the server, whatever their code.")),
      received_(&Counters(registry, "grpc_server_msg_received_total",
                          "Messages of calls received on the server.")),
      sent_(&Counters(registry, "grpc_server_msg_sent_total",
                      "Messages of calls sent by the server.")),
      handling_seconds_(&Histograms(registry, "grpc_server_handling_seconds",
                                    "Response latency of unary calls on the server.")) {}

GrpcMethodMetrics GrpcServerMetrics::Method(absl::string_view service, absl::string_view method,
                                            GrpcType type) {
  const Labels labels = {{"grpc_type", kGrpcTypeNames[static_cast<size_t>(type)]},
                         {"grpc_service", std::string(service)},
                         {"grpc_method", std::string(method)}};
  GrpcMethodMetrics metrics;
  metrics.started_ = &started_->Add(labels);
  metrics.received_ = &received_->Add(labels);
  metrics.sent_ = &sent_->Add(labels);
  for (size_t code = 0; code < kGrpcCodes; ++code) {
    Labels with_code = labels;
    with_code["grpc_code"] = kGrpcCodeNames[code];
    metrics.handled_[code] = &handled_->Add(with_code);
  }
  if (type == GrpcType::kUnary) {
    metrics.handling_seconds_ = &handling_seconds_->Add(labels, GrpcBuckets());
  }
  return metrics;
}

}  // namespace livecounter::observability
