#include "gateway/loop_timers.h"

#include <memory>
#include <vector>

#include "gateway/testing/fake_transport.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::gateway {
namespace {

using ::testing::ElementsAre;

class RecordingTimer final : public LoopTimers::Timer {
 public:
  explicit RecordingTimer(std::vector<absl::Duration>& fired, absl::Time start)
      : fired_(fired), start_(start) {}
  void OnTimer(absl::Time now) override { fired_.push_back(now - start_); }

 private:
  std::vector<absl::Duration>& fired_;
  absl::Time start_;
};

// Due once, at a time that can be set.
class FakeSource final : public LoopTimers::Source {
 public:
  absl::Time NextDue() const override { return due; }
  void OnDue(absl::Time now) override {
    fired.push_back(now);
    due = absl::InfiniteFuture();
  }
  absl::Time due = absl::InfiniteFuture();
  std::vector<absl::Time> fired;
};

class LoopTimersTest : public ::testing::Test {
 protected:
  FakeLoop loop_;
  const absl::Time start_ = loop_.Now();
  LoopTimers timers_{loop_};
  std::vector<absl::Duration> fired_;
};

TEST_F(LoopTimersTest, ATimerFiresOnceNeverEarlyAndSoonAfter) {
  RecordingTimer timer(fired_, start_);
  timers_.Arm(&timer, start_ + absl::Milliseconds(1100));
  loop_.Advance(absl::Milliseconds(1099));
  EXPECT_TRUE(fired_.empty());
  loop_.Advance(absl::Seconds(100));
  EXPECT_THAT(fired_, ElementsAre(absl::Milliseconds(1250)));
}

TEST_F(LoopTimersTest, ArmWithinIsNeverLate) {
  RecordingTimer timer(fired_, start_);
  timers_.ArmWithin(&timer, absl::Milliseconds(1100));
  loop_.Advance(absl::Seconds(2));
  EXPECT_THAT(fired_, ElementsAre(absl::Seconds(1)));
}

TEST_F(LoopTimersTest, AMovedTimerFiresAtItsNewTime) {
  RecordingTimer timer(fired_, start_);
  timers_.Arm(&timer, start_ + absl::Seconds(1));
  timers_.Arm(&timer, start_ + absl::Seconds(3));
  loop_.Advance(absl::Seconds(10));
  EXPECT_THAT(fired_, ElementsAre(absl::Seconds(3)));
}

TEST_F(LoopTimersTest, DisarmedAndDestroyedTimersDoNotFire) {
  RecordingTimer disarmed(fired_, start_);
  auto destroyed = std::make_unique<RecordingTimer>(fired_, start_);
  timers_.Arm(&disarmed, start_ + absl::Seconds(1));
  timers_.Arm(destroyed.get(), start_ + absl::Seconds(1));
  timers_.Disarm(&disarmed);
  destroyed.reset();
  loop_.Advance(absl::Seconds(10));
  EXPECT_TRUE(fired_.empty());
}

TEST_F(LoopTimersTest, ThousandsAtOnceAreSpreadOverTurns) {
  std::vector<std::unique_ptr<RecordingTimer>> timers;
  for (int i = 0; i < 1000; ++i) {
    timers.push_back(std::make_unique<RecordingTimer>(fired_, start_));
    timers_.Arm(timers.back().get(), start_ + absl::Seconds(1));
  }
  loop_.Advance(absl::Seconds(1) - absl::Nanoseconds(1));
  EXPECT_EQ(fired_.size(), 0u);
  loop_.Advance(absl::Nanoseconds(1));
  EXPECT_EQ(fired_.size(), 1000u);
}

TEST_F(LoopTimersTest, SourcesFireExactly) {
  FakeSource source;
  timers_.AddSource(&source);
  source.due = start_ + absl::Milliseconds(101);
  timers_.Reschedule();
  loop_.Advance(absl::Milliseconds(100));
  EXPECT_TRUE(source.fired.empty());
  loop_.Advance(absl::Seconds(10));
  EXPECT_THAT(source.fired, ElementsAre(start_ + absl::Milliseconds(101)));
}

TEST_F(LoopTimersTest, ASourceThatIsDueEarlierIsHeard) {
  FakeSource source;
  timers_.AddSource(&source);
  source.due = start_ + absl::Milliseconds(200);
  timers_.Reschedule();
  source.due = start_ + absl::Milliseconds(50);
  timers_.Reschedule();
  loop_.Advance(absl::Milliseconds(60));
  EXPECT_THAT(source.fired, ElementsAre(start_ + absl::Milliseconds(50)));
}

TEST(LoopTimersLifeTest, NothingFiresAfterwards) {
  FakeLoop loop;
  { LoopTimers timers(loop); }
  loop.Advance(absl::Seconds(1));
  EXPECT_FALSE(loop.RunTurn());
}

}  // namespace
}  // namespace livecounter::gateway
