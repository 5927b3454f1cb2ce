// EdgeCounterClient against a service of the test's own. tests/integration has it with counterd.

#include "gateway/upstream/edge_counter_client.h"

#include <grpcpp/channel.h>

#include <cstdlib>
#include <deque>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "livecounter/v1/edge_service.grpc.pb.h"
#include "services/runtime/grpc_server.h"
#include "services/runtime/grpc_test_support.h"
#include "wire/holder_frame.h"
#include "wire/receiver_frame.h"

namespace livecounter::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

const CounterId kCounter{"accounts/a/products/p", "2"};

// EdgeService as a test plays it: each stream is handed to `play`, on a thread of gRPC.
class ScriptedService final : public v1::EdgeService::Service {
 public:
  using Stream = grpc::ServerReaderWriter<v1::AttachResponse, v1::AttachRequest>;

  explicit ScriptedService(std::function<grpc::Status(int, Stream&)> play)
      : play_(std::move(play)) {}

  grpc::Status Attach(grpc::ServerContext* context, Stream* stream) override {
    int number = 0;
    {
      absl::MutexLock lock(&mutex_);
      number = ++streams_;
      const auto token = context->client_metadata().find("authorization");
      if (token != context->client_metadata().end()) {
        tokens_.emplace_back(token->second.data(), token->second.size());
      }
    }
    return play_(number, *stream);
  }

  std::vector<std::string> tokens() {
    absl::MutexLock lock(&mutex_);
    return tokens_;
  }

 private:
  const std::function<grpc::Status(int, Stream&)> play_;
  absl::Mutex mutex_;
  int streams_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::string> tokens_ ABSL_GUARDED_BY(mutex_);
};

HolderFrame Read(ScriptedService::Stream& stream) {
  v1::AttachRequest request;
  EXPECT_TRUE(stream.Read(&request));
  const auto frame = wire::DecodeHolderFrame(request);
  EXPECT_TRUE(frame.ok()) << frame.status();
  return frame.value_or(HolderFrame());
}

void Write(ScriptedService::Stream& stream, const ReceiverFrame& frame) {
  v1::AttachResponse response;
  wire::EncodeReceiverFrame(frame, &response);
  stream.Write(response);
}

// Reads the hello and welcomes it.
Hello Welcome(ScriptedService::Stream& stream, absl::Duration lease = absl::Seconds(10)) {
  const HolderFrame hello = Read(stream);
  ReceiverFrame frame;
  frame.welcome = {1, lease, lease / 5};
  Write(stream, frame);
  EXPECT_TRUE(hello.hello);
  return hello.hello.value_or(Hello());
}

void ReadToTheEnd(ScriptedService::Stream& stream) {
  v1::AttachRequest request;
  while (stream.Read(&request)) {
  }
}

class EdgeCounterClientTest : public ::testing::Test {
 protected:
  // Serves streams by `play`.
  void Serve(std::function<grpc::Status(int, ScriptedService::Stream&)> play) {
    runtime::KeepGrpcRunning();
    service_ = std::make_unique<ScriptedService>(std::move(play));
    server_ =
        *runtime::GrpcServer::Start({}, {{v1::EdgeService::service_full_name(), service_.get()}});
  }
  void Connect(UsageJournal* journal = nullptr) {
    client_ = std::make_unique<EdgeCounterClient>(EdgeCounterClient::Options{.token = "token"},
                                                  server_->InProcessChannel(), clock_, random_,
                                                  logger_, journal);
  }
  void Start(std::function<grpc::Status(int, ScriptedService::Stream&)> play) {
    Serve(std::move(play));
    Connect();
  }

  runtime::RealClock clock_;
  runtime::SeededRandom random_{1};
  observability::Logger logger_{{.sink = [](absl::string_view) {}}};
  std::unique_ptr<ScriptedService> service_;
  std::unique_ptr<runtime::GrpcServer> server_;
  std::unique_ptr<EdgeCounterClient> client_;
};

TEST_F(EdgeCounterClientTest, ItShowsItsTokenAndSaysHello) {
  absl::Notification greeted;
  Start([&](int, ScriptedService::Stream& stream) {
    const Hello hello = Welcome(stream);
    EXPECT_EQ(hello.stream, 1u);
    EXPECT_EQ(hello.highest_epoch, 0u);
    EXPECT_NE(hello.holder, HolderId());
    const HolderFrame resend = Read(stream);
    EXPECT_TRUE(resend.resend_begin);
    EXPECT_TRUE(resend.resend_end);
    greeted.Notify();
    ReadToTheEnd(stream);
    return grpc::Status::OK;
  });
  greeted.WaitForNotification();
  EXPECT_THAT(service_->tokens(), ElementsAre("Bearer token"));
}

TEST_F(EdgeCounterClientTest, AStreamThatEndsIsFollowedByAnother) {
  absl::Notification second;
  Start([&](int number, ScriptedService::Stream& stream) {
    const Hello hello = Welcome(stream);
    if (number == 1) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "restarting");
    EXPECT_EQ(hello.stream, 2u);
    EXPECT_EQ(hello.highest_epoch, 1u);
    second.Notify();
    ReadToTheEnd(stream);
    return grpc::Status::OK;
  });
  EXPECT_TRUE(second.WaitForNotificationWithTimeout(absl::Seconds(30)));
}

TEST_F(EdgeCounterClientTest, BytesThatAreNoFrameEndTheStream) {
  absl::Notification second;
  Start([&](int number, ScriptedService::Stream& stream) {
    if (number == 1) {
      Read(stream);
      v1::AttachResponse response;
      response.add_changes();
      stream.Write(response);
    } else if (!second.HasBeenNotified()) {
      second.Notify();
    }
    ReadToTheEnd(stream);
    return grpc::Status::OK;
  });
  EXPECT_TRUE(second.WaitForNotificationWithTimeout(absl::Seconds(30)));
}

TEST_F(EdgeCounterClientTest, ASilentServiceIsGivenUp) {
  absl::Notification second;
  Start([&](int number, ScriptedService::Stream& stream) {
    Welcome(stream, number == 1 ? absl::Milliseconds(100) : absl::Seconds(10));
    if (number == 2) second.Notify();
    ReadToTheEnd(stream);
    return grpc::Status::OK;
  });
  EXPECT_TRUE(second.WaitForNotificationWithTimeout(absl::Seconds(30)));
}

TEST_F(EdgeCounterClientTest, HitsThatWereNotAnsweredAreSentAgainUnchanged) {
  absl::Mutex mutex;
  std::vector<HitBatch> batches;
  absl::Notification answered;
  Start([&](int number, ScriptedService::Stream& stream) {
    Welcome(stream);
    HolderFrame frame;
    while (frame.hits.empty()) frame = Read(stream);
    {
      absl::MutexLock lock(&mutex);
      batches.push_back(frame.hits[0]);
    }
    if (number == 1) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "restarting");
    ReceiverFrame answer;
    answer.hit_answers = {
        {frame.hits[0].sender, kCounter, frame.hits[0].number, absl::OkStatus(), 1, {1, 1}}};
    Write(stream, answer);
    ReadToTheEnd(stream);
    return grpc::Status::OK;
  });
  const auto loop = client_->AddLoop([&](LoopNews news) {
    ASSERT_THAT(news.outcomes, SizeIs(1));
    EXPECT_EQ(news.outcomes[0].ticket, 7u);
    answered.Notify();
  });
  client_->Send(loop, {.hits = {{kCounter, 7, false, ""}}});
  EXPECT_TRUE(answered.WaitForNotificationWithTimeout(absl::Seconds(30)));
  absl::MutexLock lock(&mutex);
  ASSERT_THAT(batches, SizeIs(2));
  EXPECT_EQ(batches[0], batches[1]);
}

class JournalTest : public EdgeCounterClientTest {
 protected:
  void SetUp() override {
    ASSERT_NE(mkdtemp(directory_.data()), nullptr);
    OpenJournal();
  }
  ~JournalTest() override {
    client_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  void OpenJournal() {
    journal_.reset();
    auto journal = UsageJournal::Open(directory_, logger_);
    ASSERT_TRUE(journal.ok()) << journal.status();
    journal_ = *std::move(journal);
  }
  void StartWithJournal(std::function<grpc::Status(int, ScriptedService::Stream&)> play) {
    Serve(std::move(play));
    Connect(journal_.get());
  }
  // As the next process of the gateway.
  void Restart() {
    client_.reset();
    OpenJournal();
    Connect(journal_.get());
  }
  void Accept(int64_t connections) {
    const auto loop = client_->AddLoop([](const LoopNews&) {});
    client_->Send(loop, {.accepted = {{kCounter.product, 0, connections}}});
  }
  void AwaitFile(bool is_there) const {
    while (std::filesystem::exists(directory_ + "/usage-journal") != is_there) {
      absl::SleepFor(absl::Milliseconds(1));
    }
  }

  std::string directory_ = absl::StrCat(::testing::TempDir(), "/client_journal_XXXXXX");
  std::unique_ptr<UsageJournal> journal_;
};

TEST_F(JournalTest, WhatIsNotAnsweredIsWrittenAndTheNextProcessSendsItInItsName) {
  absl::Mutex mutex;
  std::vector<HolderId> holders;
  std::vector<UsageBatch> batches;
  StartWithJournal([&](int, ScriptedService::Stream& stream) {
    const Hello hello = Welcome(stream);
    HolderFrame frame;
    while (!frame.usage) frame = Read(stream);
    {
      absl::MutexLock lock(&mutex);
      holders.push_back(hello.holder);
      batches.push_back(*frame.usage);
    }
    if (frame.usage->holder) {
      ReceiverFrame answer;
      answer.usage_counted = frame.usage->number;
      Write(stream, answer);
    }
    ReadToTheEnd(stream);
    return grpc::Status::OK;
  });
  Accept(3);
  AwaitFile(true);
  EXPECT_EQ(client_->Usage().uncounted, 3);
  Restart();
  AwaitFile(false);
  EXPECT_EQ(client_->Usage().uncounted, 0);
  absl::MutexLock lock(&mutex);
  EXPECT_EQ(batches.front(), (UsageBatch{1, {{kCounter.product, 0, 3}}}));
  EXPECT_EQ(batches.back(), (UsageBatch{1, {{kCounter.product, 0, 3}}, holders.front()}));
  EXPECT_NE(holders.front(), holders.back());
}

TEST_F(JournalTest, AProcessThatEndsWritesWhatIsNotCounted) {
  StartWithJournal([&](int, ScriptedService::Stream& stream) {
    ReadToTheEnd(stream);
    return grpc::Status::OK;
  });
  Accept(3);
  client_.reset();
  OpenJournal();
  ASSERT_TRUE(journal_->found().has_value());
  EXPECT_THAT(journal_->found()->batch.entries, ElementsAre(UsageEntry{kCounter.product, 0, 3}));
}

TEST_F(JournalTest, ADirectoryThatIsGoneIsCountedAsFailures) {
  StartWithJournal([&](int, ScriptedService::Stream& stream) {
    ReadToTheEnd(stream);
    return grpc::Status::OK;
  });
  std::filesystem::remove_all(directory_);
  Accept(3);
  while (client_->Usage().journal_failures < 2) absl::SleepFor(absl::Milliseconds(1));
}

TEST_F(EdgeCounterClientTest, UnderLoadJoinsGoTogether) {
  constexpr uint64_t kJoins = 2'000;
  absl::Notification all;
  std::atomic<int> frames{0};
  Start([&](int, ScriptedService::Stream& stream) {
    Welcome(stream);
    for (size_t joined = 0; joined < kJoins; ++frames) {
      for (const PresenceDelta& delta : Read(stream).presence) joined += delta.joined.size();
    }
    all.Notify();
    ReadToTheEnd(stream);
    return grpc::Status::OK;
  });
  const absl::Time start = absl::Now();
  const auto loop = client_->AddLoop([](const LoopNews&) {});
  for (uint64_t i = 0; i < kJoins; ++i) {
    client_->Send(loop, {.presence = {{kCounter, {{0, i}}, {}}}});
  }
  all.WaitForNotification();
  // One frame in 5 ms, the resend, and the first; however long this machine took.
  EXPECT_LE(frames, absl::ToInt64Milliseconds(absl::Now() - start) / 5 + 3);
}

TEST_F(EdgeCounterClientTest, ADetachIsTheLastItSays) {
  absl::Notification detached;
  Start([&](int, ScriptedService::Stream& stream) {
    Welcome(stream);
    HolderFrame frame;
    while (!frame.detach) frame = Read(stream);
    EXPECT_EQ(frame.detach, absl::Seconds(10));
    detached.Notify();
    return grpc::Status::OK;
  });
  while (!client_->EverConnected()) absl::SleepFor(absl::ZeroDuration());
  client_->Detach(absl::Seconds(10), absl::Now() + absl::Seconds(30));
  EXPECT_TRUE(detached.HasBeenNotified());
}

TEST_F(EdgeCounterClientTest, ItCanGoInTheMiddleOfAnything) {
  Start([&](int, ScriptedService::Stream& stream) {
    ReadToTheEnd(stream);
    return grpc::Status::OK;
  });
  const auto loop = client_->AddLoop([](const LoopNews&) {});
  client_->Send(loop, {.watch = {kCounter}});
  client_.reset();
}

}  // namespace
}  // namespace livecounter::gateway
