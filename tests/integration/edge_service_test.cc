// EdgeService over gRPC, as a gateway of anybody's making meets it.

#include <grpcpp/support/status.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/runtime/grpc_test_support.h"
#include "tests/integration/counterd_fixture.h"

namespace livecounter::integration {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr HolderId kHolder{7, 7};
constexpr HolderId kOther{8, 8};
constexpr SenderId kSender{9, 9};

class EdgeServiceTest : public CounterdTest, public ::testing::WithParamInterface<Path> {
 protected:
  void SetUp() override { Start(); }
  GatewayPeer Peer() { return GatewayPeer(EdgeChannel(GetParam())); }
};

TEST_P(EdgeServiceTest, AHelloIsWelcomed) {
  GatewayPeer peer = Peer();
  const auto welcome = peer.Attach(kHolder);
  ASSERT_TRUE(welcome);
  EXPECT_EQ(welcome->lease, absl::Seconds(10));
  EXPECT_EQ(welcome->keep_alive, absl::Seconds(2));
  EXPECT_GT(welcome->epoch, 0u);
}

TEST_P(EdgeServiceTest, TheEpochRisesAboveTheOneThatIsTold) {
  GatewayPeer first = Peer();
  const uint64_t epoch = first.Attach(kHolder)->epoch;
  GatewayPeer second = Peer();
  EXPECT_GT(second.Attach(kOther, 1, epoch + 1000)->epoch, epoch + 1000);
}

TEST_P(EdgeServiceTest, WithoutTheTokenNobodyAttaches) {
  for (const char* token : {"", "wrong", "an-operators-token"}) {
    GatewayPeer peer(EdgeChannel(GetParam()), token);
    EXPECT_FALSE(peer.Attach(kHolder));
    EXPECT_EQ(peer.End().code(), absl::StatusCode::kUnauthenticated);
  }
  EXPECT_THAT(
      runtime::UnprotectedMethods(EdgeChannel(GetParam()), v1::EdgeService::service_full_name()),
      IsEmpty());
}

TEST_P(EdgeServiceTest, WhatIsWatchedIsToldAndFollowed) {
  GatewayPeer watcher = Peer();
  watcher.Attach(kHolder);
  watcher.Resend(Counter("page"), 0);
  watcher.AwaitPresent(Counter("page"), 0);
  GatewayPeer other = Peer();
  other.Attach(kOther);
  other.Resend(Counter("page"), 3);
  watcher.AwaitPresent(Counter("page"), 3);
}

TEST_P(EdgeServiceTest, ABrokenStreamDipsNothingAndAResendReplaces) {
  GatewayPeer watcher = Peer();
  watcher.Attach(kOther);
  watcher.Resend(Counter("page"), 0);
  {
    GatewayPeer first = Peer();
    first.Attach(kHolder, 1);
    first.Resend(Counter("page"), 5);
    watcher.AwaitPresent(Counter("page"), 5);
  }
  GatewayPeer second = Peer();
  second.Attach(kHolder, 2);
  second.Resend(Counter("page"), 4);
  // The next change is the resend's: nothing fell in between.
  const auto frame = watcher.Receive();
  ASSERT_TRUE(frame);
  ASSERT_THAT(frame->changes, SizeIs(1));
  EXPECT_EQ(frame->changes[0].present, 4);
}

TEST_P(EdgeServiceTest, TheNewestStreamWins) {
  GatewayPeer first = Peer();
  first.Attach(kHolder, 1);
  GatewayPeer second = Peer();
  ASSERT_TRUE(second.Attach(kHolder, 2));
  EXPECT_EQ(first.End().code(), absl::StatusCode::kAborted);
  GatewayPeer late = Peer();
  EXPECT_FALSE(late.Attach(kHolder, 1));
  EXPECT_EQ(late.End().code(), absl::StatusCode::kAborted);
}

TEST_P(EdgeServiceTest, ADetachEndsTheStreamWell) {
  GatewayPeer peer = Peer();
  peer.Attach(kHolder);
  HolderFrame detach;
  detach.detach = absl::Seconds(10);
  peer.Send(detach);
  EXPECT_TRUE(peer.End().ok());
}

TEST_P(EdgeServiceTest, HitsAreCountedOnceHoweverOftenTheyAreSent) {
  Create("2");
  GatewayPeer first = Peer();
  first.Attach(kHolder, 1);
  const HitBatch batch{kSender, Counter("2"), 1, 5, false};
  EXPECT_EQ(first.Hit(batch).value_after, 5);
  EXPECT_EQ(first.Hit(batch).value_after, 5);
  GatewayPeer second = Peer();
  second.Attach(kHolder, 2);
  EXPECT_EQ(second.Hit(batch).value_after, 5);
  EXPECT_EQ(second.Hit({kSender, Counter("2"), 2, 1, false}).value_after, 6);
  EXPECT_EQ(Get("2").hits(), 6);
}

TEST_P(EdgeServiceTest, ARefusedHitSaysWhy) {
  GatewayPeer peer = Peer();
  peer.Attach(kHolder);
  EXPECT_EQ(peer.Hit({kSender, Counter("none"), 1, 1, false}).status.code(),
            absl::StatusCode::kNotFound);
  EXPECT_TRUE(IsGap(peer.Hit({kSender, Counter("none"), 7, 1, true}).status));
  EXPECT_EQ(peer.Hit({kSender, Counter("a/b"), 1, 1, true}).status.code(),
            absl::StatusCode::kInvalidArgument);
}

struct Violation {
  std::string says;
  v1::AttachRequest request;
};

std::vector<Violation> Violations() {
  std::vector<Violation> violations(4);
  violations[0].says = "a hello";
  violations[1].says = "hello.holder: got 3 bytes; it takes 16 bytes";
  violations[1].request.mutable_hello()->set_holder("abc");
  violations[2].says = "watch[0].counter: product name";
  violations[2].request.add_watch()->mutable_counter()->set_id("2");
  violations[3].says = "presence[0].joined: got 15 bytes";
  v1::Presence* presence = violations[3].request.add_presence();
  presence->mutable_counter()->set_product(std::string(kProduct));
  presence->mutable_counter()->set_id("2");
  presence->set_joined(std::string(15, 'x'));
  return violations;
}

TEST_P(EdgeServiceTest, AFrameThatBreaksTheProtocolEndsTheStreamAndSaysWhy) {
  for (const Violation& violation : Violations()) {
    GatewayPeer peer = Peer();
    peer.SendRaw(violation.request);
    const absl::Status status = peer.End();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr(violation.says));
  }
}

TEST_P(EdgeServiceTest, ASecondHelloBreaksTheProtocol) {
  GatewayPeer peer = Peer();
  peer.Attach(kHolder, 1);
  EXPECT_FALSE(peer.Attach(kHolder, 2));
  EXPECT_EQ(peer.End().code(), absl::StatusCode::kInvalidArgument);
}

TEST_P(EdgeServiceTest, AWrongDigestIsAnsweredWithAWishForEverything) {
  GatewayPeer peer = Peer();
  peer.Attach(kHolder);
  peer.Resend(Counter("page"), 1);
  peer.AwaitPresent(Counter("page"), 1);
  HolderFrame audit;
  audit.audit = ShareDigest{1, 2, 3};
  peer.Send(audit);
  const auto frame = peer.Receive();
  ASSERT_TRUE(frame);
  EXPECT_TRUE(frame->resend_wanted);
}

// A name as long as one can be, so that few changes are many bytes.
CounterId LongCounter(int i) { return Counter(absl::StrCat(std::string(2'040, 'c'), i)); }

TEST_P(EdgeServiceTest, ASlowGatewayGetsTheNewestValueAndNoQueue) {
  constexpr int kCounters = 100;
  constexpr uint64_t kRounds = 150;
  GatewayPeer slow = Peer();
  slow.Attach(kHolder);
  HolderFrame watches;
  for (int i = 0; i < kCounters; ++i) watches.watch.push_back({LongCounter(i), {}});
  slow.Send(watches);
  GatewayPeer busy = Peer();
  busy.Attach(kOther);
  // 15,000 changes, some 30 MB, that nobody reads; each answer to a wrong digest says that counterd
  // went on.
  for (uint64_t round = 1; round <= kRounds; ++round) {
    HolderFrame frame;
    for (int i = 0; i < kCounters; ++i) {
      frame.presence.push_back({LongCounter(i), {{1, round}}, {}});
    }
    frame.audit = ShareDigest{1, 2, 3};
    busy.Send(frame);
    slow.Send({});  // it lives, and does not read
    const auto received = busy.Receive();
    ASSERT_TRUE(received);
    ASSERT_TRUE(received->resend_wanted);
  }
  int changes = 0;
  int at_the_newest = 0;
  while (at_the_newest < kCounters) {
    const auto frame = slow.Receive();
    ASSERT_TRUE(frame);
    changes += static_cast<int>(frame->changes.size());
    for (const Change& change : frame->changes) at_the_newest += change.present == kRounds ? 1 : 0;
  }
  EXPECT_LT(changes, kCounters * static_cast<int>(kRounds) * 3 / 4);
}

TEST_P(EdgeServiceTest, AMessageBeyondTheLimitEndsTheStream) {
  GatewayPeer peer = Peer();
  peer.Attach(kHolder);
  v1::AttachRequest request;
  v1::Presence* presence = request.add_presence();
  presence->mutable_counter()->set_product(std::string(kProduct));
  presence->mutable_counter()->set_id("2");
  presence->set_joined(std::string(size_t{5} << 20, 'x'));
  peer.SendRaw(request);
  EXPECT_EQ(peer.End().code(), absl::StatusCode::kResourceExhausted);
}

TEST_P(EdgeServiceTest, StoppingEndsTheStreamWithUnavailable) {
  GatewayPeer peer = Peer();
  ASSERT_TRUE(peer.Attach(kHolder));
  counterd_->Drain(absl::Now() + absl::Seconds(10));
  EXPECT_EQ(peer.End().code(), absl::StatusCode::kUnavailable);
}

INSTANTIATE_TEST_SUITE_P(All, EdgeServiceTest, ::testing::Values(Path::kTcp, Path::kInProcess),
                         [](const auto& info) {
                           return info.param == Path::kTcp ? "Tcp" : "InProcess";
                         });

class RestartTest : public CounterdTest {
 protected:
  void SetUp() override { Start(); }
};

TEST_F(RestartTest, NoNumberFallsBeforeAllHaveResent) {
  for (HolderId holder : {kHolder, kOther}) {
    GatewayPeer peer(EdgeChannel());
    ASSERT_TRUE(peer.Attach(holder));
    peer.Resend(Counter("page"), 5);
    peer.AwaitPresent(Counter("page"), 5);
    if (holder == kOther) Stop();
  }
  Start();
  GatewayPeer first(EdgeChannel());
  const uint64_t epoch = first.Attach(kHolder, 2)->epoch;
  first.Resend(Counter("page"), 3, /*floor=*/5);
  const Change change = first.AwaitPresent(Counter("page"), 5);
  EXPECT_EQ(change.version.epoch, epoch);
  GatewayPeer second(EdgeChannel());
  second.Attach(kOther, 2);
  second.Resend(Counter("page"), 4, /*floor=*/5);
  // Nothing lower came to the first one before the truth.
  const auto frame = first.Receive();
  ASSERT_TRUE(frame);
  ASSERT_THAT(frame->changes, SizeIs(1));
  EXPECT_EQ(frame->changes[0].present, 4);
}

TEST_F(RestartTest, HitsAreThereAndARepeatIsKnown) {
  Create("2");
  const HitBatch batch{kSender, Counter("2"), 1, 5, false};
  {
    GatewayPeer peer(EdgeChannel());
    peer.Attach(kHolder);
    peer.Hit(batch);
  }
  Stop();
  Start();
  GatewayPeer peer(EdgeChannel());
  peer.Attach(kHolder, 2);
  EXPECT_EQ(peer.Hit(batch).value_after, 5);
  EXPECT_EQ(Get("2").hits(), 5);
}

}  // namespace
}  // namespace livecounter::integration
