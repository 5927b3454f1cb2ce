#include "observability/grpc_server_metrics.h"

#include <string>

#include "observability/metric_families.h"

namespace livecounter::observability {
namespace {

constexpr std::array<const char*, kGrpcCodes> kGrpcCodeNames = {
    "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
    "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
    "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
    "DataLoss", "Unauthenticated"};

constexpr std::array<const char*, 4> kGrpcTypeNames = {"unary", "client_stream", "server_stream",
                                                       "bidi_stream"};

}  // namespace

const char* GrpcCodeName(int code) {
  const bool known = code >= 0 && code < static_cast<int>(kGrpcCodes);
  return known ? kGrpcCodeNames[static_cast<size_t>(code)] : "Unknown";
}

const Buckets& GrpcBuckets() {
  static const Buckets buckets = {0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1,
                                  0.25,   0.5,   1,     2.5,  5,     10};
  return buckets;
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
