#include "services/counter/readiness.h"

#include <functional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/registry.h"
#include "services/counter/fake_engine.h"

namespace livecounter::counter {
namespace {

using ::testing::HasSubstr;

TEST(InquiryTest, StartsWithoutAnAnswer) {
  Inquiry inquiry;
  EXPECT_EQ(inquiry.Answer(absl::UnixEpoch(), absl::Seconds(5)).message(), "starting");
}

TEST(InquiryTest, TheLastAnswerStands) {
  Inquiry inquiry;
  const absl::Time now = absl::UnixEpoch();
  inquiry.Ask(now, [](auto done) { done(absl::OkStatus()); });
  EXPECT_TRUE(inquiry.Answer(now + absl::Hours(1), absl::Seconds(5)).ok());
  inquiry.Ask(now, [](auto done) { done(absl::UnavailableError("the disk is full")); });
  EXPECT_EQ(inquiry.Answer(now, absl::Seconds(5)).message(), "the disk is full");
}

TEST(InquiryTest, PatienceEndsWhenNoAnswerComes) {
  Inquiry inquiry;
  const absl::Time now = absl::UnixEpoch();
  CounterEngine::StatusCallback answer;
  inquiry.Ask(now, [](auto done) { done(absl::OkStatus()); });
  inquiry.Ask(now, [&](auto done) { answer = done; });
  inquiry.Ask(now + absl::Seconds(1), [](auto) { FAIL() << "an answer is awaited still"; });
  EXPECT_TRUE(inquiry.Answer(now + absl::Seconds(4), absl::Seconds(5)).ok());
  EXPECT_THAT(std::string(inquiry.Answer(now + absl::Seconds(5), absl::Seconds(5)).message()),
              HasSubstr("no answer for 5s"));
  EXPECT_EQ(inquiry.Waited(now + absl::Seconds(5)), absl::Seconds(5));
  answer(absl::OkStatus());
  EXPECT_TRUE(inquiry.Answer(now + absl::Seconds(9), absl::Seconds(5)).ok());
  EXPECT_EQ(inquiry.Waited(now + absl::Seconds(9)), absl::ZeroDuration());
}

// A readiness over a fake engine and a real loop, looking every millisecond.
class ReadinessTest : public ::testing::Test {
 protected:
  ReadinessTest() {
    health_.Listen([this](bool alive, bool ready) {
      absl::MutexLock lock(&mutex_);
      is_alive_ = alive;
      is_ready_ = ready;
    });
  }

  // Blocks until the health says so.
  void AwaitReady(bool ready) {
    absl::MutexLock lock(&mutex_);
    const auto told = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return is_ready_ == ready; };
    mutex_.Await(absl::Condition(&told));
  }
  void AwaitAlive(bool alive) {
    absl::MutexLock lock(&mutex_);
    const auto told = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return is_alive_ == alive; };
    mutex_.Await(absl::Condition(&told));
  }
  // Blocks until the reason why it is not ready holds `text`.
  void AwaitReason(absl::string_view text) {
    while (!absl::StrContains(health_.ready().message(), text)) {
      absl::SleepFor(absl::Milliseconds(1));
    }
  }

  Readiness::Options Options() {
    return {.interval = absl::Milliseconds(1),
            .interval_unready = absl::Milliseconds(1),
            .patience = absl::Milliseconds(20),
            .stuck = absl::Milliseconds(30)};
  }

  absl::Mutex mutex_;
  bool is_alive_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_ready_ ABSL_GUARDED_BY(mutex_) = false;
  runtime::Health health_{{"engine", "loop"}};
  runtime::RealClock clock_;
  prometheus::Registry registry_;
  observability::CounterdMetrics metrics_{registry_};
  observability::Logger logger_{{.sink = [](absl::string_view) {}}};
  FakeEngine engine_;
  ReplicaLoop loop_{{}, engine_, clock_, logger_, metrics_};
};

TEST_F(ReadinessTest, BothPartsAnswerBeforeItIsReady) {
  Readiness readiness(Options(), engine_, loop_, health_, clock_);
  AwaitReady(true);
  EXPECT_TRUE(health_.alive().ok());
}

TEST_F(ReadinessTest, ADiskThatRefusesMakesItUnready) {
  engine_.probe = absl::UnavailableError("the disk is full");
  Readiness readiness(Options(), engine_, loop_, health_, clock_);
  AwaitReason("engine: the disk is full");
  EXPECT_TRUE(health_.alive().ok());
}

TEST_F(ReadinessTest, AStuckLoopMakesItUnreadyAndThenNotAlive) {
  Readiness readiness(Options(), engine_, loop_, health_, clock_);
  AwaitReady(true);
  absl::Notification go_on;
  loop_.Post([&](Replica&) { go_on.WaitForNotification(); });
  AwaitReady(false);
  EXPECT_THAT(std::string(health_.ready().message()), HasSubstr("loop: no answer"));
  AwaitAlive(false);
  go_on.Notify();
  AwaitReady(true);
  EXPECT_TRUE(health_.alive().ok());
}

}  // namespace
}  // namespace livecounter::counter
