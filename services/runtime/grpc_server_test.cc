#include "services/runtime/grpc_server.h"

#include <grpcpp/grpcpp.h>

#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/runtime/grpc_server_fixture.h"

namespace livecounter::runtime {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

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

}  // namespace
}  // namespace livecounter::runtime
