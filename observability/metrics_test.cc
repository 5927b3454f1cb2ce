#include "observability/metrics.h"

#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/text_serializer.h"

namespace livecounter::observability {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Text(const prometheus::Registry& registry) {
  return prometheus::TextSerializer().Serialize(registry.Collect());
}

TEST(MetricsTest, BuildInfoNamesProgramAndVersion) {
  prometheus::Registry registry;
  const ProgramMetrics program(registry, "livecounter", "1.2.3");
  EXPECT_THAT(Text(registry),
              HasSubstr("livecounter_build_info{program=\"livecounter\",version=\"1.2.3\"} 1\n"));
}

TEST(MetricsTest, GatewayHasItsSeriesAtZeroFromTheStart) {
  prometheus::Registry registry;
  GatewayMetrics metrics(registry);
  const std::string text = Text(registry);
  EXPECT_THAT(text, HasSubstr("livecounter_gateway_connections{transport=\"websocket\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("livecounter_gateway_connections{transport=\"sse\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("livecounter_gateway_updates_sent_total{transport=\"sse\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("livecounter_gateway_rejected_total{reason=\"bad_request\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("livecounter_gateway_rejected_total{reason=\"upstream\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("livecounter_gateway_update_delay_seconds_count 0\n"));
  EXPECT_THAT(text, HasSubstr("livecounter_gateway_user_verdicts_total{verdict=\"none\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("livecounter_gateway_unverified_users 0\n"));
  EXPECT_THAT(text, HasSubstr("livecounter_gateway_verifications_in_flight 0\n"));
}

TEST(MetricsTest, GatewaySeriesFollowTheirLabel) {
  prometheus::Registry registry;
  GatewayMetrics metrics(registry);
  metrics.connections(Transport::kSse).Set(2);
  metrics.updates_sent(Transport::kWebSocket).Increment(5);
  metrics.rejected(RejectReason::kOrigin).Increment();
  metrics.update_delay().Observe(0.1);
  const std::string text = Text(registry);
  EXPECT_THAT(text, HasSubstr("livecounter_gateway_connections{transport=\"sse\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("updates_sent_total{transport=\"websocket\"} 5\n"));
  EXPECT_THAT(text, HasSubstr("rejected_total{reason=\"origin\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("livecounter_gateway_update_delay_seconds_sum 0.1"));
}

TEST(MetricsTest, VerifierSeriesFollowTheirLabel) {
  prometheus::Registry registry;
  VerifierMetrics metrics(registry);
  metrics.verdicts(VerdictLabel::kValid).Increment(2);
  metrics.verdicts(VerdictLabel::kIndeterminate).Increment();
  metrics.call().Observe(0.1);
  metrics.waiting().Set(1);
  metrics.calls_in_flight().Set(2);
  metrics.open_breakers().Set(3);
  metrics.known().Set(4);
  const std::string text = Text(registry);
  EXPECT_THAT(text, HasSubstr("livecounter_verifier_verdicts_total{verdict=\"valid\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("livecounter_verifier_verdicts_total{verdict=\"invalid\"} 0\n"));
  EXPECT_THAT(text,
              HasSubstr("livecounter_verifier_verdicts_total{verdict=\"indeterminate\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("livecounter_verifier_call_seconds_count 1\n"));
  EXPECT_THAT(text, HasSubstr("livecounter_verifier_waiting_asks 1\n"));
  EXPECT_THAT(text, HasSubstr("livecounter_verifier_calls_in_flight 2\n"));
  EXPECT_THAT(text, HasSubstr("livecounter_verifier_open_breakers 3\n"));
  EXPECT_THAT(text, HasSubstr("livecounter_verifier_known_users 4\n"));
}

TEST(MetricsTest, RequestsAreToldApartByResource) {
  prometheus::Registry registry;
  GatewayMetrics metrics(registry);
  metrics.requests(Resource::kHit).Increment();
  const std::string text = Text(registry);
  EXPECT_THAT(text, HasSubstr("livecounter_gateway_requests_total{resource=\"hit\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("livecounter_gateway_requests_total{resource=\"value\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("livecounter_gateway_requests_total{resource=\"other\"} 0\n"));
}

TEST(MetricsTest, EachRejectReasonIsItsOwnSeries) {
  prometheus::Registry registry;
  GatewayMetrics metrics(registry);
  std::set<prometheus::Counter*> series;
  for (size_t i = 0; i < kRejectReasons; ++i) {
    series.insert(&metrics.rejected(static_cast<RejectReason>(i)));
  }
  EXPECT_EQ(series.size(), kRejectReasons);
  EXPECT_EQ(static_cast<size_t>(RejectReason::kUpstream), kRejectReasons - 1);
}

TEST(MetricsTest, OnlyWhatIsOurDoingFailsAConnect) {
  for (size_t i = 0; i < kRejectReasons; ++i) {
    const auto reason = static_cast<RejectReason>(i);
    const bool is_ours = reason == RejectReason::kOverloaded || reason == RejectReason::kUpstream;
    EXPECT_EQ(ResultOf(reason) == ConnectResult::kFailed, is_ours) << i;
    EXPECT_EQ(ResultOf(reason) == ConnectResult::kDraining, reason == RejectReason::kDraining) << i;
    EXPECT_NE(ResultOf(reason), ConnectResult::kAccepted) << i;
  }
}

TEST(MetricsTest, TlsHandshakesAreToldApartByPortAndResult) {
  prometheus::Registry registry;
  GatewayMetrics metrics(registry);
  metrics.tls_handshakes(TlsListener::kEdge, TlsHandshakeResult::kOk).Increment(2);
  metrics.tls_handshakes(TlsListener::kConsole, TlsHandshakeResult::kOther).Increment();
  const std::string text = Text(registry);
  EXPECT_THAT(text, HasSubstr("tls_handshakes_total{listener=\"edge\",result=\"ok\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("tls_handshakes_total{listener=\"edge\",result=\"not_tls\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("tls_handshakes_total{listener=\"console\",result=\"other\"} 1\n"));
}

TEST(MetricsTest, ConsoleCodesShowOnceTheyOccur) {
  prometheus::Registry registry;
  ConsoleMetrics metrics(registry);
  metrics.AddMethod("s", "m");
  EXPECT_THAT(Text(registry), HasSubstr("livecounter_console_requests_total{grpc_code=\"OK\","
                                        "grpc_method=\"m\",grpc_service=\"s\"} 0\n"));
  EXPECT_THAT(Text(registry), Not(HasSubstr("NotFound")));
  metrics.requests("s", "m", 5).Increment();
  metrics.requests("s", "m", 5).Increment();
  EXPECT_THAT(Text(registry), HasSubstr("livecounter_console_requests_total{grpc_code=\"NotFound\","
                                        "grpc_method=\"m\",grpc_service=\"s\"} 2\n"));
}

TEST(MetricsTest, CounterdSeriesCarryTheContractsNames) {
  prometheus::Registry registry;
  CounterdMetrics metrics(registry);
  metrics.hits().Increment(7);
  metrics.present().Set(3);
  metrics.sessions().Set(2);
  metrics.commit().Observe(0.0002);
  metrics.CountAudits(3, 1);
  const std::string text = Text(registry);
  EXPECT_THAT(text, HasSubstr("\nlivecounter_counterd_hits_total 7\n"));
  EXPECT_THAT(text, HasSubstr("\nlivecounter_counterd_present 3\n"));
  EXPECT_THAT(text, HasSubstr("\nlivecounter_counterd_sessions 2\n"));
  EXPECT_THAT(text, HasSubstr("livecounter_counterd_commit_seconds_bucket{le=\"0.00025\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("\nlivecounter_presence_audit_mismatch 1\n"));
  EXPECT_THAT(text, HasSubstr("livecounter_presence_audits_total{result=\"match\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("livecounter_presence_audits_total{result=\"mismatch\"} 1\n"));
}

TEST(MetricsTest, EngineResultsAreOkRefusedOrFailed) {
  prometheus::Registry registry;
  EngineMetrics metrics(registry);
  metrics.Record(EngineOperation::kHit, absl::OkStatus(), absl::Milliseconds(2));
  metrics.Record(EngineOperation::kHit, absl::NotFoundError(""), absl::Milliseconds(2));
  metrics.Record(EngineOperation::kHit, absl::UnavailableError(""), absl::Milliseconds(2));
  metrics.Record(EngineOperation::kBackup, absl::OkStatus(), absl::Seconds(1));
  const std::string text = Text(registry);
  EXPECT_THAT(text, HasSubstr("operations_total{op=\"hit\",result=\"ok\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("operations_total{op=\"hit\",result=\"refused\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("operations_total{op=\"hit\",result=\"failed\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("operation_seconds_count{op=\"hit\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("operations_total{op=\"backup\",result=\"ok\"} 1\n"));
  EXPECT_EQ(static_cast<size_t>(EngineOperation::kBackup), kEngineOperations - 1);
}

TEST(MetricsTest, EveryCodeOfAnEngineIsOkRefusedOrFailed) {
  for (int code = 0; code <= 16; ++code) {
    prometheus::Registry registry;
    EngineMetrics metrics(registry);
    metrics.Record(EngineOperation::kRead, absl::Status(static_cast<absl::StatusCode>(code), ""),
                   absl::ZeroDuration());
    const std::string text = Text(registry);
    const bool refused = std::set<int>{3, 5, 6, 8, 9, 10, 11}.count(code) > 0;
    const std::string result = code == 0 ? "ok" : refused ? "refused" : "failed";
    EXPECT_THAT(text, HasSubstr("{op=\"read\",result=\"" + result + "\"} 1\n")) << code;
  }
}

TEST(MetricsTest, GrpcMethodHasAllItsCodesAtZeroUnderGoNames) {
  prometheus::Registry registry;
  GrpcServerMetrics metrics(registry);
  metrics.Method("livecounter.v1.CounterService", "GetCounter", GrpcType::kUnary);
  const std::string text = Text(registry);
  for (const char* code :
       {"OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound",
        "AlreadyExists", "PermissionDenied", "ResourceExhausted", "FailedPrecondition", "Aborted",
        "OutOfRange", "Unimplemented", "Internal", "Unavailable", "DataLoss", "Unauthenticated"}) {
    EXPECT_THAT(text, HasSubstr("grpc_server_handled_total{grpc_code=\"" + std::string(code) +
                                "\",grpc_method=\"GetCounter\",grpc_service=\"livecounter.v1."
                                "CounterService\",grpc_type=\"unary\"} 0\n"));
  }
}

TEST(MetricsTest, GrpcCodesAreCountedUnderTheirOwnName) {
  prometheus::Registry registry;
  GrpcServerMetrics metrics(registry);
  GrpcMethodMetrics method = metrics.Method("s", "m", GrpcType::kUnary);
  method.started().Increment();
  method.received().Increment(2);
  method.sent().Increment(3);
  method.handled(0).Increment();
  method.handled(16).Increment(4);
  method.handled(17).Increment(5);
  method.handled(-1).Increment(5);
  method.handling_seconds()->Observe(0.002);
  const std::string text = Text(registry);
  const std::string labels = "grpc_method=\"m\",grpc_service=\"s\",grpc_type=\"unary\"";
  EXPECT_THAT(text, HasSubstr("grpc_server_started_total{" + labels + "} 1\n"));
  EXPECT_THAT(text, HasSubstr("grpc_server_msg_received_total{" + labels + "} 2\n"));
  EXPECT_THAT(text, HasSubstr("grpc_server_msg_sent_total{" + labels + "} 3\n"));
  EXPECT_THAT(text, HasSubstr("handled_total{grpc_code=\"OK\"," + labels + "} 1\n"));
  EXPECT_THAT(text, HasSubstr("handled_total{grpc_code=\"Unauthenticated\"," + labels + "} 4\n"));
  EXPECT_THAT(text, HasSubstr("handled_total{grpc_code=\"Unknown\"," + labels + "} 10\n"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handling_seconds_count{" + labels + "} 1\n"));
}

TEST(MetricsTest, StreamsHaveNoLatency) {
  prometheus::Registry registry;
  GrpcServerMetrics metrics(registry);
  for (GrpcType type : {GrpcType::kClientStream, GrpcType::kServerStream, GrpcType::kBidiStream}) {
    EXPECT_EQ(metrics.Method("s", "m", type).handling_seconds(), nullptr);
  }
  EXPECT_THAT(Text(registry), HasSubstr("grpc_type=\"bidi_stream\""));
  EXPECT_THAT(Text(registry), Not(HasSubstr("grpc_server_handling_seconds_count")));
}

TEST(MetricsTest, EveryNameHasAKnownPrefixAndHelp) {
  prometheus::Registry registry;
  ProgramMetrics program(registry, "p", "v");
  ConsoleMetrics console(registry);
  StoreMetrics store(registry);
  VerifierMetrics verifier(registry);
  GatewayMetrics gateway(registry);
  CounterdMetrics counterd(registry);
  EngineMetrics engine(registry);
  GrpcServerMetrics grpc(registry);
  for (const prometheus::MetricFamily& family : registry.Collect()) {
    EXPECT_TRUE(absl::StartsWith(family.name, "livecounter_") ||
                absl::StartsWith(family.name, "grpc_server_") ||
                absl::StartsWith(family.name, "process_"))
        << family.name;
    EXPECT_FALSE(family.help.empty()) << family.name;
  }
}

}  // namespace
}  // namespace livecounter::observability
