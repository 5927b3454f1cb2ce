#include "gateway/console/grpc_upstream.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/types/optional.h"
#include "gateway/console/fake_services_fixture.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "services/runtime/grpc_client.h"

namespace livecounter::gateway::console {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kGet[] = "/livecounter.v1.CounterService/GetCounter";
constexpr char kWatch[] = "/livecounter.v1.CounterService/WatchCounters";

std::string GetRequest(const std::string& name) {
  v1::GetCounterRequest request;
  request.set_name(name);
  return request.SerializeAsString();
}

std::string WatchRequest(const std::vector<std::string>& names) {
  v1::WatchCountersRequest request;
  for (const std::string& name : names) request.add_names(name);
  return request.SerializeAsString();
}

class Listener final : public UpstreamListener {
 public:
  void OnMessage(std::string message) override { messages.push_back(std::move(message)); }
  void OnEnd(const absl::Status& status) override { end = status; }

  std::vector<std::string> messages;
  absl::optional<absl::Status> end;
};

class GrpcUpstreamTest : public testing::Test {
 protected:
  void Start(UpstreamRequest request) {
    call_ = upstream_->Start(std::move(request), loop_, listener_);
  }
  // Reads whatever there is, to the end.
  absl::Status ReadToEnd() {
    size_t read = 0;
    EXPECT_TRUE(loop_.RunUntil([&] {
      if (listener_.messages.size() > read) {
        ++read;
        call_->Read();
      }
      return listener_.end.has_value();
    }));
    return listener_.end.value_or(absl::InternalError("the call did not end"));
  }

  FakeServices services_;
  WaitingLoop loop_;
  Listener listener_;
  std::unique_ptr<GrpcUpstream> upstream_ = std::make_unique<GrpcUpstream>(services_.Channel());
  std::unique_ptr<UpstreamCall> call_;
};

TEST_F(GrpcUpstreamTest, CarriesAUnaryCall) {
  Start({.path = kGet, .message = GetRequest("a"), .authorization = "Bearer t0ken"});
  EXPECT_TRUE(ReadToEnd().ok());
  ASSERT_THAT(listener_.messages, SizeIs(1));
  v1::Counter counter;
  ASSERT_TRUE(counter.ParseFromString(listener_.messages[0]));
  EXPECT_EQ(counter.name(), "a");
  EXPECT_EQ(counter.epoch(), 1u);
}

TEST_F(GrpcUpstreamTest, BringsErrorsWithAllTheirDetails) {
  Start({.path = kGet, .message = GetRequest("missing")});
  const absl::Status status = ReadToEnd();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "no such counter");
  const auto payload = status.GetPayload("type.googleapis.com/google.rpc.ErrorInfo");
  ASSERT_TRUE(payload.has_value());
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(info.ParseFromString(std::string(*payload)));
  EXPECT_EQ(info.reason(), "COUNTER_MISSING");
  EXPECT_THAT(listener_.messages, IsEmpty());
}

TEST_F(GrpcUpstreamTest, BringsEveryMessageOfAStreamInOrder) {
  Start({.path = kWatch, .message = WatchRequest({"200"})});
  EXPECT_TRUE(ReadToEnd().ok());
  ASSERT_THAT(listener_.messages, SizeIs(200));
  for (int i = 0; i < 200; ++i) {
    v1::WatchCountersResponse response;
    ASSERT_TRUE(response.ParseFromString(listener_.messages[i]));
    EXPECT_EQ(response.counters(0).present(), i + 1);
  }
}

TEST_F(GrpcUpstreamTest, AReaderWhoTakesNoneHoldsBackTheServer) {
  // Each message is larger than what a channel may have under way.
  Start({.path = kWatch, .message = WatchRequest({"100", std::string(1 << 20, 'x')})});
  ASSERT_TRUE(loop_.RunUntil([&] { return listener_.messages.size() == 1; }));
  // Time enough for all of them, if they went on.
  for (int i = 0; i < 100; ++i) {
    Listener other;
    const auto call =
        upstream_->Start({.path = kGet, .message = GetRequest("missing")}, loop_, other);
    ASSERT_TRUE(loop_.RunUntil([&] { return other.end.has_value(); }));
  }
  EXPECT_LT(services_.counters.messages_written(), 10);
  EXPECT_TRUE(ReadToEnd().ok());
  EXPECT_THAT(listener_.messages, SizeIs(100));
}

TEST_F(GrpcUpstreamTest, GivenUpItIsCancelledAndTellsNothingMore) {
  Start({.path = kGet, .message = GetRequest("held")});
  services_.counters.entered.WaitForNotification();
  call_.reset();
  services_.counters.cancelled.WaitForNotification();
  upstream_.reset();  // waits for what gRPC has still to post
  bool has_run = false;
  loop_.Post([&] { has_run = true; });
  ASSERT_TRUE(loop_.RunUntil([&] { return has_run; }));
  EXPECT_FALSE(listener_.end.has_value());
}

TEST_F(GrpcUpstreamTest, GivenUpBetweenMessagesItEnds) {
  Start({.path = kWatch, .message = WatchRequest({"1000000"})});
  ASSERT_TRUE(loop_.RunUntil([&] { return listener_.messages.size() == 1; }));
  call_.reset();
  upstream_.reset();
  EXPECT_THAT(listener_.messages, SizeIs(1));
}

TEST_F(GrpcUpstreamTest, ManyCallsGivenUpAtAnyTimeLeaveNothing) {
  for (int i = 0; i < 200; ++i) {
    Start({.path = kWatch, .message = WatchRequest({"3"})});
    const size_t wanted = i % 4;
    size_t read = 0;
    ASSERT_TRUE(loop_.RunUntil([&] {
      if (listener_.end.has_value() || listener_.messages.size() >= wanted) return true;
      for (; read < listener_.messages.size(); ++read) call_->Read();
      return false;
    }));
    call_.reset();
    listener_ = Listener();
  }
  upstream_.reset();
}

TEST_F(GrpcUpstreamTest, EndsAtItsDeadline) {
  Start({.path = kGet, .message = GetRequest("held"), .timeout = absl::Milliseconds(20)});
  EXPECT_EQ(ReadToEnd().code(), absl::StatusCode::kDeadlineExceeded);
  services_.counters.cancelled.WaitForNotification();
}

TEST_F(GrpcUpstreamTest, AMethodThatIsNotThereIsUnimplemented) {
  Start({.path = "/livecounter.v1.CounterService/GetHistory", .message = ""});
  EXPECT_EQ(ReadToEnd().code(), absl::StatusCode::kUnimplemented);
}

TEST_F(GrpcUpstreamTest, AServiceThatIsAwayIsUnavailable) {
  const auto channel = runtime::MakeGrpcChannel({.target = "127.0.0.1:1"});
  ASSERT_TRUE(channel.ok());
  upstream_ = std::make_unique<GrpcUpstream>(*channel);
  Start({.path = kGet, .message = GetRequest("a")});
  EXPECT_EQ(ReadToEnd().code(), absl::StatusCode::kUnavailable);
}

TEST_F(GrpcUpstreamTest, AServiceThatStopsEndsStreams) {
  Start({.path = kWatch, .message = WatchRequest({})});
  services_.counters.entered.WaitForNotification();
  services_.Shutdown();
  EXPECT_FALSE(ReadToEnd().ok());
}

}  // namespace
}  // namespace livecounter::gateway::console
