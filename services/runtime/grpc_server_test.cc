#include "services/runtime/grpc_server.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "livecounter/v1/counter_service.grpc.pb.h"
#include "livecounter/v1/edge_service.grpc.pb.h"
#include "prometheus/text_serializer.h"
#include "services/runtime/call_authorization.h"
#include "services/runtime/grpc_client.h"
#include "services/runtime/grpc_status.h"
#include "services/runtime/grpc_test_support.h"
#include "services/runtime/test_certificates.h"

namespace livecounter::runtime {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kToken[] = "t0ken";

// GetCounter and WatchCounters ask for the token; CreateCounter was forgotten. GetCounter waits
// while it is held, and finds every counter but "missing". WatchCounters writes three messages.
class FakeCounterService final : public v1::CounterService::CallbackService {
 public:
  grpc::ServerUnaryReactor* GetCounter(grpc::CallbackServerContext* context,
                                       const v1::GetCounterRequest* request,
                                       v1::Counter* response) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    if (absl::Status denied = CheckBearer(*context, verifier_); !denied.ok()) {
      reactor->Finish(ToGrpcStatus(denied));
      return reactor;
    }
    if (held_ != nullptr) {
      entered_.Notify();
      held_->WaitForNotification();
    }
    response->set_name(request->name());
    reactor->Finish(request->name() == "missing"
                        ? ToGrpcStatus(absl::NotFoundError("no such counter"))
                        : grpc::Status::OK);
    return reactor;
  }

  grpc::ServerUnaryReactor* CreateCounter(grpc::CallbackServerContext* context,
                                          const v1::CreateCounterRequest*, v1::Counter*) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  grpc::ServerWriteReactor<v1::WatchCountersResponse>* WatchCounters(
      grpc::CallbackServerContext* context, const v1::WatchCountersRequest*) override {
    return new Watch(CheckBearer(*context, verifier_));
  }

  void HoldGets(absl::Notification* until) { held_ = until; }
  void AwaitGet() { entered_.WaitForNotification(); }

 private:
  class Watch final : public grpc::ServerWriteReactor<v1::WatchCountersResponse> {
   public:
    explicit Watch(const absl::Status& allowed) {
      if (allowed.ok()) {
        StartWrite(&response_);
      } else {
        Finish(ToGrpcStatus(allowed));
      }
    }
    void OnWriteDone(bool) override {
      if (++written_ < 3) {
        StartWrite(&response_);
      } else {
        Finish(grpc::Status::OK);
      }
    }
    void OnDone() override { delete this; }

   private:
    v1::WatchCountersResponse response_;
    int written_ = 0;
  };

  SecureRandom random_;
  TokenVerifier verifier_{kToken, random_};
  absl::Notification* held_ = nullptr;
  absl::Notification entered_;
};

// Answers each frame with one, until the call ends.
class FakeEdgeService final : public v1::EdgeService::CallbackService {
 public:
  grpc::ServerBidiReactor<v1::AttachRequest, v1::AttachResponse>* Attach(
      grpc::CallbackServerContext* context) override {
    return new Session(*context);
  }

 private:
  class Session final : public grpc::ServerBidiReactor<v1::AttachRequest, v1::AttachResponse> {
   public:
    explicit Session(grpc::CallbackServerContext& context) : context_(context) {
      StartRead(&request_);
    }
    void OnReadDone(bool ok) override {
      if (ok) {
        StartWrite(&response_);
      } else {
        End();
      }
    }
    void OnWriteDone(bool ok) override {
      if (ok) {
        StartRead(&request_);
      } else {
        End();
      }
    }
    void OnDone() override { delete this; }

   private:
    void End() { Finish(context_.IsCancelled() ? grpc::Status::CANCELLED : grpc::Status::OK); }

    grpc::CallbackServerContext& context_;
    v1::AttachRequest request_;
    v1::AttachResponse response_;
  };
};

class GrpcServerTest : public testing::Test {
 protected:
  GrpcServerTest() : metrics_(registry_) {}

  GrpcServerOptions Options() {
    return {.listen = {"127.0.0.1", 0}, .metrics = &metrics_, .health = &health_};
  }
  std::vector<GrpcService> Services() {
    return {{v1::CounterService::service_full_name(), &counters_},
            {v1::EdgeService::service_full_name(), &edge_}};
  }
  void Start(const GrpcServerOptions& options) {
    absl::StatusOr<std::unique_ptr<GrpcServer>> server = GrpcServer::Start(options, Services());
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  std::shared_ptr<grpc::Channel> Connect(GrpcClientOptions options = {}) {
    options.target = server_->address();
    absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = MakeGrpcChannel(options);
    EXPECT_TRUE(channel.ok()) << channel.status();
    return *std::move(channel);
  }
  static RawAnswer Get(const std::shared_ptr<grpc::Channel>& channel, const std::string& name) {
    v1::GetCounterRequest request;
    request.set_name(name);
    return RawCall(channel, "/livecounter.v1.CounterService/GetCounter",
                   request.SerializeAsString(), absl::StrCat("Bearer ", kToken));
  }
  // What the health service says of a name: a HealthCheckResponse of SERVING is 08 01.
  static std::string Health(const std::shared_ptr<grpc::Channel>& channel,
                            const std::string& name) {
    const std::string request =
        absl::StrCat("\x0a", std::string(1, static_cast<char>(name.size())), name);
    const RawAnswer answer = RawCall(channel, "/grpc.health.v1.Health/Check", request);
    if (answer.responses == std::vector<std::string>{"\x08\x01"}) return "serving";
    if (answer.responses == std::vector<std::string>{"\x08\x02"}) return "not serving";
    return absl::StrCat("code ", answer.code);
  }
  std::string Metrics() { return prometheus::TextSerializer().Serialize(registry_.Collect()); }

  prometheus::Registry registry_;
  observability::GrpcServerMetrics metrics_;
  runtime::Health health_{{"engine"}};
  FakeCounterService counters_;
  FakeEdgeService edge_;
  std::unique_ptr<GrpcServer> server_;
};

TEST_F(GrpcServerTest, PortZeroTakesAFreePortAndServesThere) {
  Start(Options());
  EXPECT_THAT(server_->address(), testing::MatchesRegex("127\\.0\\.0\\.1:[1-9][0-9]*"));
  const RawAnswer answer = Get(Connect(), "a");
  EXPECT_EQ(answer.code, grpc::StatusCode::OK) << answer.message;
  EXPECT_THAT(answer.responses, SizeIs(1));
}

TEST_F(GrpcServerTest, TheInProcessChannelNeedsNoPort) {
  GrpcServerOptions options = Options();
  options.listen = {};
  Start(options);
  EXPECT_EQ(server_->address(), "");
  EXPECT_EQ(Get(server_->InProcessChannel(), "a").code, grpc::StatusCode::OK);
}

TEST_F(GrpcServerTest, AUsedPortIsAnErrorThatNamesIt) {
  Start(Options());
  GrpcServerOptions options = Options();
  options.listen = ParseListenAddress(server_->address()).value();
  FakeCounterService other;
  EXPECT_EQ(GrpcServer::Start(options, {{"livecounter.v1.CounterService", &other}}).status(),
            absl::UnavailableError(
                absl::StrCat("cannot listen on ", server_->address(), ": Address already in use")));
}

TEST_F(GrpcServerTest, HealthNamesFollowTheProcessHealth) {
  Start(Options());
  const auto channel = Connect();
  EXPECT_EQ(Health(channel, "alive"), "serving");
  EXPECT_EQ(Health(channel, "ready"), "not serving");
  EXPECT_EQ(Health(channel, ""), "not serving");
  health_.SetReady("engine", absl::OkStatus());
  EXPECT_EQ(Health(channel, "ready"), "serving");
  EXPECT_EQ(Health(channel, ""), "serving");
  health_.SetAlive(absl::UnavailableError("stuck"));
  EXPECT_EQ(Health(channel, "alive"), "not serving");
  health_.BeginDrain();
  EXPECT_EQ(Health(channel, "ready"), "not serving");
  EXPECT_EQ(Health(channel, "nothing"), absl::StrCat("code ", grpc::StatusCode::NOT_FOUND));
}

TEST_F(GrpcServerTest, WithoutAHealthItIsAlwaysServing) {
  GrpcServerOptions options = Options();
  options.health = nullptr;
  Start(options);
  for (const char* name : {"alive", "ready", ""}) EXPECT_EQ(Health(Connect(), name), "serving");
}

TEST_F(GrpcServerTest, HealthMayChangeAfterTheServerIsGone) {
  Start(Options());
  server_.reset();
  health_.SetReady("engine", absl::OkStatus());
  EXPECT_TRUE(health_.ready().ok());
}

TEST_F(GrpcServerTest, ReflectionListsTheServices) {
  Start(Options());
  const RawAnswer answer =
      RawCall(Connect(), "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
              std::string("\x3a\x00", 2));  // a ServerReflectionRequest of list_services ""
  ASSERT_THAT(answer.responses, SizeIs(1));
  EXPECT_THAT(answer.responses[0], HasSubstr("livecounter.v1.CounterService"));
  EXPECT_THAT(answer.responses[0], HasSubstr("livecounter.v1.EdgeService"));
}

TEST_F(GrpcServerTest, TooLongAMessageIsRefused) {
  GrpcServerOptions options = Options();
  options.max_message_bytes = 1024;
  Start(options);
  EXPECT_EQ(Get(Connect(), std::string(900, 'x')).code, grpc::StatusCode::OK);
  EXPECT_EQ(Get(Connect(), std::string(1100, 'x')).code, grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(GrpcServerTest, AllSeriesOfAServiceAreThereBeforeItsFirstCall) {
  Start(Options());
  EXPECT_THAT(Metrics(), HasSubstr("grpc_server_handled_total{grpc_code=\"NotFound\",grpc_method="
                                   "\"DeleteCounter\",grpc_service=\"livecounter.v1.CounterService"
                                   "\",grpc_type=\"unary\"} 0\n"));
  EXPECT_THAT(Metrics(), HasSubstr("grpc_server_started_total{grpc_method=\"Attach\",grpc_service="
                                   "\"livecounter.v1.EdgeService\",grpc_type=\"bidi_stream\"} 0"));
}

TEST_F(GrpcServerTest, UnaryCallsAreCountedWithTheirCodeAndLatency) {
  Start(Options());
  const auto channel = Connect();
  EXPECT_EQ(Get(channel, "a").code, grpc::StatusCode::OK);
  EXPECT_EQ(Get(channel, "missing").code, grpc::StatusCode::NOT_FOUND);
  server_.reset();  // so that the last call is over on the server's side too
  const std::string labels =
      "grpc_method=\"GetCounter\",grpc_service=\"livecounter.v1.CounterService\","
      "grpc_type=\"unary\"";
  const std::string text = Metrics();
  EXPECT_THAT(text, HasSubstr("grpc_server_started_total{" + labels + "} 2\n"));
  EXPECT_THAT(text, HasSubstr("grpc_server_msg_received_total{" + labels + "} 2\n"));
  EXPECT_THAT(text, HasSubstr("grpc_server_msg_sent_total{" + labels + "} 1\n"));
  EXPECT_THAT(text, HasSubstr("handled_total{grpc_code=\"OK\"," + labels + "} 1\n"));
  EXPECT_THAT(text, HasSubstr("handled_total{grpc_code=\"NotFound\"," + labels + "} 1\n"));
  EXPECT_THAT(text, HasSubstr("grpc_server_handling_seconds_count{" + labels + "} 2\n"));
}

TEST_F(GrpcServerTest, StreamsAreCountedByMessage) {
  Start(Options());
  const RawAnswer answer = RawCall(Connect(), "/livecounter.v1.CounterService/WatchCounters", "",
                                   absl::StrCat("Bearer ", kToken));
  EXPECT_THAT(answer.responses, SizeIs(3));
  EXPECT_THAT(RawCall(Connect(), "/livecounter.v1.EdgeService/Attach", "").responses, SizeIs(1));
  server_.reset();
  const std::string text = Metrics();
  EXPECT_THAT(text, HasSubstr("grpc_server_msg_sent_total{grpc_method=\"WatchCounters\","
                              "grpc_service=\"livecounter.v1.CounterService\","
                              "grpc_type=\"server_stream\"} 3\n"));
  const std::string attach =
      "grpc_method=\"Attach\",grpc_service=\"livecounter.v1.EdgeService\","
      "grpc_type=\"bidi_stream\"";
  EXPECT_THAT(text, HasSubstr("grpc_server_msg_received_total{" + attach + "} 1\n"));
  EXPECT_THAT(text, HasSubstr("grpc_server_msg_sent_total{" + attach + "} 1\n"));
  EXPECT_THAT(text, HasSubstr("handled_total{grpc_code=\"OK\"," + attach + "} 1\n"));
}

TEST_F(GrpcServerTest, ARequestThatCannotBeParsedIsCountedToo) {
  Start(Options());
  const RawAnswer answer =
      RawCall(Connect(), "/livecounter.v1.CounterService/GetCounter", "\xff\xff");
  EXPECT_EQ(answer.code, grpc::StatusCode::UNIMPLEMENTED) << "as gRPC answers it, not we";
  server_.reset();
  const std::string labels =
      "grpc_method=\"GetCounter\",grpc_service=\"livecounter.v1.CounterService\","
      "grpc_type=\"unary\"";
  EXPECT_THAT(Metrics(), HasSubstr("grpc_server_started_total{" + labels + "} 1\n"));
  EXPECT_THAT(Metrics(),
              HasSubstr("handled_total{grpc_code=\"Unimplemented\"," + labels + "} 1\n"));
}

TEST_F(GrpcServerTest, ACancelledCallIsCountedAsItsMethodEndedIt) {
  Start(Options());
  auto stub = v1::EdgeService::NewStub(Connect());
  grpc::ClientContext context;
  auto stream = stub->Attach(&context);
  v1::AttachRequest request;
  v1::AttachResponse response;
  ASSERT_TRUE(stream->Write(request));
  ASSERT_TRUE(stream->Read(&response));  // now the call is known on the server's side
  context.TryCancel();
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  server_.reset();
  EXPECT_THAT(Metrics(), HasSubstr("grpc_server_handled_total{grpc_code=\"Canceled\",grpc_method="
                                   "\"Attach\",grpc_service=\"livecounter.v1.EdgeService\","
                                   "grpc_type=\"bidi_stream\"} 1\n"));
}

TEST_F(GrpcServerTest, ShutdownCancelsWhatIsLeftAtTheDeadline) {
  Start(Options());
  auto stub = v1::EdgeService::NewStub(Connect());
  grpc::ClientContext context;
  auto stream = stub->Attach(&context);
  v1::AttachResponse response;
  ASSERT_TRUE(stream->Write(v1::AttachRequest()));
  ASSERT_TRUE(stream->Read(&response));
  server_->Shutdown(absl::Now() + absl::Milliseconds(20));
  EXPECT_THAT(stream->Finish().error_code(),
              AnyOf(grpc::StatusCode::CANCELLED, grpc::StatusCode::UNAVAILABLE));
  server_->Shutdown(absl::InfinitePast());  // once more does nothing
}

TEST_F(GrpcServerTest, ShutdownLetsRunningCallsFinish) {
  absl::Notification release;
  counters_.HoldGets(&release);
  Start(Options());
  RawAnswer answer;
  std::thread caller([&] { answer = Get(Connect(), "a"); });
  counters_.AwaitGet();
  std::thread stopper([&] { server_->Shutdown(absl::InfiniteFuture()); });
  release.Notify();
  stopper.join();
  caller.join();
  EXPECT_EQ(answer.code, grpc::StatusCode::OK);
}

TEST_F(GrpcServerTest, TheWalkOverMethodsFindsTheUnprotectedOnes) {
  Start(Options());
  const std::string create = "/livecounter.v1.CounterService/CreateCounter";
  EXPECT_THAT(
      UnprotectedMethods(Connect(), v1::CounterService::service_full_name()),
      testing::AllOf(testing::Contains(create + " with authorization \"\" ended with code 0"),
                     testing::Not(testing::Contains(HasSubstr("/GetCounter"))),
                     testing::Not(testing::Contains(HasSubstr("/WatchCounters")))));
  EXPECT_THAT(UnprotectedMethods(Connect(), "no.Service"),
              ElementsAre("there is no service no.Service"));
}

TEST_F(GrpcServerTest, ATokenSentTwiceIsRefused) {
  Start(Options());
  auto stub = v1::CounterService::NewStub(Connect());
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer t0ken");
  context.AddMetadata("authorization", "Bearer other");
  v1::Counter counter;
  const grpc::Status status = stub->GetCounter(&context, v1::GetCounterRequest(), &counter);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_THAT(status.error_message(), HasSubstr("once"));
}

TEST_F(GrpcServerTest, RefusalsReachTheClientWithTheirMessage) {
  Start(Options());
  const RawAnswer answer = RawCall(Connect(), "/livecounter.v1.CounterService/GetCounter", "", "");
  EXPECT_EQ(answer.code, grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_THAT(answer.message, HasSubstr("\"authorization: Bearer <token>\""));
}

class GrpcTlsTest : public GrpcServerTest {
 protected:
  GrpcServerOptions TlsOptions(const std::string& ca) {
    GrpcServerOptions options = Options();
    options.tls = {.cert = Path("server.pem"), .key = Path("server.key"), .ca = ca};
    return options;
  }
  std::string Path(const std::string& name) const { return certificates_.Path(name); }

  TestCertificates certificates_;
};

TEST_F(GrpcTlsTest, AClientThatTrustsTheServerIsServed) {
  Start(TlsOptions(""));
  const auto channel = Connect({.use_tls = true, .tls = {.ca = Path("ca.pem")}});
  EXPECT_EQ(Get(channel, "a").code, grpc::StatusCode::OK);
}

TEST_F(GrpcTlsTest, AClientThatDoesNotTrustTheServerOrSpeaksNoTlsIsNot) {
  Start(TlsOptions(""));
  const auto distrusting = Connect({.use_tls = true, .tls = {.ca = Path("other-ca.pem")}});
  EXPECT_EQ(Get(distrusting, "a").code, grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(Get(Connect(), "a").code, grpc::StatusCode::UNAVAILABLE);
}

TEST_F(GrpcTlsTest, WithAnAuthorityForClientsTheyMustShowACertificate) {
  Start(TlsOptions(Path("ca.pem")));
  const TlsFiles with_certificate = {
      .cert = Path("client.pem"), .key = Path("client.key"), .ca = Path("ca.pem")};
  EXPECT_EQ(Get(Connect({.use_tls = true, .tls = with_certificate}), "a").code,
            grpc::StatusCode::OK);
  EXPECT_EQ(Get(Connect({.use_tls = true, .tls = {.ca = Path("ca.pem")}}), "a").code,
            grpc::StatusCode::UNAVAILABLE);
}

TEST_F(GrpcTlsTest, BadFilesAreErrorsOfStart) {
  GrpcServerOptions options = TlsOptions("");
  options.tls.key = Path("client.key");
  EXPECT_EQ(GrpcServer::Start(options, Services()).status().code(),
            absl::StatusCode::kInvalidArgument);
  options.tls = {.ca = Path("ca.pem")};
  EXPECT_EQ(GrpcServer::Start(options, Services()).status(),
            absl::InvalidArgumentError("TLS needs a certificate and its key on the server's side"));
}

TEST(GrpcClientTest, BadOptionsAreErrors) {
  EXPECT_EQ(MakeGrpcChannel({}).status(), absl::InvalidArgumentError("the target is empty"));
  EXPECT_EQ(MakeGrpcChannel({.target = "x:1", .tls = {.ca = "f"}}).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(
      MakeGrpcChannel({.target = "x:1", .use_tls = true, .tls = {.ca = "/none"}}).status().code(),
      absl::StatusCode::kNotFound);
}

TEST(GrpcClientTest, ItConnectsAgainToAServerThatCameBack) {
  absl::StatusOr<std::unique_ptr<GrpcServer>> first =
      GrpcServer::Start({.listen = {"127.0.0.1", 0}}, {});
  ASSERT_TRUE(first.ok()) << first.status();
  const ListenAddress address = ParseListenAddress((*first)->address()).value();
  const auto channel = MakeGrpcChannel({.target = address.ToString()}).value();
  const auto deadline = std::chrono::system_clock::now() + std::chrono::seconds(20);
  ASSERT_TRUE(channel->WaitForConnected(deadline));
  first->reset();
  ASSERT_TRUE(channel->WaitForStateChange(GRPC_CHANNEL_READY, deadline));
  absl::StatusOr<std::unique_ptr<GrpcServer>> second = GrpcServer::Start({.listen = address}, {});
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_TRUE(channel->WaitForConnected(deadline));
}

}  // namespace
}  // namespace livecounter::runtime
