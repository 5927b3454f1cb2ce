// The journal of UsageSender: what it shows and when, what an heir does with it, and that kills at any
// moment cost what is young and nothing else.

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/optional.h"
#include "core/test_support.h"
#include "core/usage_log.h"
#include "core/usage_sender.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter {
namespace {

using test::At;
using test::Holder;
using test::Random;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr absl::Duration kInterval = absl::Milliseconds(500);

UsageEntry Entry(const std::string& product, int64_t connections) {
  return {.product = product, .hour = 3600, .connections = connections};
}

class UsageJournalTest : public ::testing::Test {
 protected:
  ~UsageJournalTest() override { sender_.CheckInvariants(); }

  static void Add(UsageSender& sender, const std::string& product, double now) {
    sender.Add(product, 3600, 1, At(now));
    sender.CheckInvariants();
  }
  // The step that is due, done at once: what the journal shows then.
  static absl::optional<UsageBacklog> Step(UsageSender& sender, double now) {
    const absl::optional<UsageJournalStep> step = sender.TakeJournalStep(At(now));
    EXPECT_TRUE(step.has_value());
    sender.OnJournalStep(true);
    sender.CheckInvariants();
    return step.value_or(UsageJournalStep()).content;
  }
  static bool HasStep(const UsageSender& sender, double now) {
    return sender.NextJournalStep() <= At(now);
  }
  // Away at 0 with one connection of "p" in the batch, and one of "q" that waits: as the journal shows it.
  UsageBacklog LeaveBehind() {
    Add(sender_, "p", 0);
    sender_.TakeBatch(At(0));
    sender_.Reset(At(0));
    Add(sender_, "q", 0);
    return Step(sender_, 0.6).value_or(UsageBacklog());
  }

  UsageSender sender_{kInterval, 10, Holder(1)};
};

TEST_F(UsageJournalTest, WhileAnswersComeInTimeThereIsNone) {
  for (double now = 0; now < 10; now += 0.1) {
    Add(sender_, "p", now);
    EXPECT_FALSE(sender_.TakeJournalStep(At(now)).has_value());
    if (!sender_.has_batch(At(now))) continue;
    sender_.OnCounted(sender_.TakeBatch(At(now)).number);
  }
}

TEST_F(UsageJournalTest, WithoutANameThereIsNone) {
  UsageSender without(kInterval, 10);
  Add(without, "p", 0);
  EXPECT_EQ(without.NextJournalStep(), absl::InfiniteFuture());
  EXPECT_FALSE(without.LastJournalStep(At(100)).has_value());
}

TEST_F(UsageJournalTest, ItShowsWhatIsOldAndEveryHalfSecondWhatCameSince) {
  Add(sender_, "p", 0);
  EXPECT_EQ(sender_.NextJournalStep(), At(0) + kUsageJournalAfter);
  Add(sender_, "p", 0.3);
  UsageBacklog shown = Step(sender_, 0.6).value_or(UsageBacklog());
  EXPECT_EQ(shown.batch, (UsageBatch{1, {Entry("p", 2)}, Holder(1)}));
  EXPECT_THAT(shown.waiting, IsEmpty());
  EXPECT_EQ(shown.since, At(0));
  EXPECT_EQ(sender_.NextJournalStep(), absl::InfiniteFuture()) << "nothing came";
  Add(sender_, "q", 0.7);
  Add(sender_, "q", 0.8);
  EXPECT_EQ(sender_.NextJournalStep(), At(1.1));
  shown = Step(sender_, 1.1).value_or(UsageBacklog());
  EXPECT_EQ(shown.batch.number, 1u);
  EXPECT_THAT(shown.waiting, ElementsAre(Entry("q", 2)));
}

TEST_F(UsageJournalTest, OneStepIsOpenAtATime) {
  Add(sender_, "p", 0);
  ASSERT_TRUE(sender_.TakeJournalStep(At(1)).has_value());
  Add(sender_, "p", 2);
  EXPECT_EQ(sender_.NextJournalStep(), absl::InfiniteFuture());
  sender_.OnJournalStep(true);
  EXPECT_TRUE(HasStep(sender_, 2));
}

TEST_F(UsageJournalTest, WhatTheFileShowsAsWaitingGoesUpOnceTheFileShowsItsNumber) {
  LeaveBehind();
  EXPECT_EQ(sender_.TakeBatch(At(1)).number, 1u) << "the batch may go at any time";
  Add(sender_, "q", 1);
  sender_.OnCounted(1);
  EXPECT_FALSE(sender_.has_batch(At(9), /*at_once=*/true));
  const UsageBacklog shown = Step(sender_, 1).value_or(UsageBacklog());
  EXPECT_EQ(shown.batch, (UsageBatch{2, {Entry("q", 2)}, Holder(1)}));
  EXPECT_THAT(shown.waiting, IsEmpty());
  ASSERT_TRUE(sender_.has_batch(At(1)));
  EXPECT_EQ(sender_.TakeBatch(At(1)), (UsageBatch{2, {Entry("q", 2)}}));
}

TEST_F(UsageJournalTest, WhatComesWhileTheFileIsWrittenIsNotHeldBackByIt) {
  LeaveBehind();
  sender_.TakeBatch(At(1));
  sender_.OnCounted(1);
  ASSERT_TRUE(sender_.TakeJournalStep(At(1)).has_value());
  EXPECT_FALSE(sender_.has_batch(At(1)));
  sender_.OnJournalStep(true);
  sender_.TakeBatch(At(1));
  sender_.OnCounted(2);
  Add(sender_, "p", 2);
  EXPECT_TRUE(sender_.has_batch(At(2)));
}

TEST_F(UsageJournalTest, ItGoesWhenAllThatItShowsIsCounted) {
  Add(sender_, "p", 0);
  Step(sender_, 0.6);
  sender_.TakeBatch(At(0.7));
  EXPECT_FALSE(HasStep(sender_, 99));
  sender_.OnCounted(1);
  Add(sender_, "p", 0.8);
  EXPECT_EQ(sender_.NextJournalStep(), At(1.1));
  EXPECT_FALSE(Step(sender_, 1.1).has_value());
  EXPECT_EQ(sender_.NextJournalStep(), At(0.8) + kUsageJournalAfter);
}

TEST_F(UsageJournalTest, ARemovalDoesNotPutOffWhatGetsOld) {
  Add(sender_, "p", 0);
  Step(sender_, 0.6);
  sender_.TakeBatch(At(0.7));
  sender_.OnCounted(1);
  Add(sender_, "p", 0.8);
  EXPECT_FALSE(Step(sender_, 1.39).has_value());
  EXPECT_TRUE(Step(sender_, 1.4).has_value());
}

TEST_F(UsageJournalTest, AnHeirSendsTheBatchInItsNameAndTheRestInItsOwn) {
  UsageSender heir(kInterval, 10, Holder(2));
  heir.Inherit(LeaveBehind(), At(5));
  EXPECT_EQ(heir.uncounted(), 2);
  EXPECT_EQ(heir.UncountedSince(), At(0));
  EXPECT_EQ(heir.NextJournalStep(), absl::InfiniteFuture()) << "the file shows all";
  ASSERT_TRUE(heir.has_batch(At(5)));
  EXPECT_EQ(heir.TakeBatch(At(5)), (UsageBatch{1, {Entry("p", 1)}, Holder(1)}));
  Add(heir, "q", 5);
  heir.OnCounted(1);
  EXPECT_FALSE(heir.has_batch(At(9)));
  EXPECT_EQ(Step(heir, 5)->batch, (UsageBatch{1, {Entry("q", 2)}, Holder(2)}));
  EXPECT_EQ(heir.TakeBatch(At(5)), (UsageBatch{1, {Entry("q", 2)}}));
  heir.OnCounted(1);
  EXPECT_TRUE(heir.empty());
  EXPECT_EQ(heir.uncounted(), 0);
  EXPECT_FALSE(Step(heir, 6).has_value());
  EXPECT_EQ(heir.NextJournalStep(), absl::InfiniteFuture());
}

TEST_F(UsageJournalTest, AnHeirThatDiesLeavesTheOldBatchInItsNameBehind) {
  UsageSender heir(kInterval, 10, Holder(2));
  heir.Inherit(LeaveBehind(), At(5));
  Add(heir, "r", 5);
  const UsageBacklog shown = Step(heir, 5).value_or(UsageBacklog());
  EXPECT_EQ(shown.batch, (UsageBatch{1, {Entry("p", 1)}, Holder(1)}));
  EXPECT_THAT(shown.waiting, ElementsAre(Entry("q", 1), Entry("r", 1)));
  EXPECT_EQ(shown.since, At(0));
}

TEST_F(UsageJournalTest, AnAnswerToWhatWasNotSentOnThisStreamIsNone) {
  UsageSender heir(kInterval, 10, Holder(2));
  heir.Inherit(LeaveBehind(), At(5));
  heir.OnCounted(1);
  EXPECT_EQ(heir.uncounted(), 2);
}

TEST_F(UsageJournalTest, ABatchThatMayBeForgottenIsGivenUpAndWhatWaitsNever) {
  UsageBacklog left = LeaveBehind();
  EXPECT_EQ(left.sent_since, At(0));
  UsageSender heir(kInterval, 10, Holder(2));
  heir.Inherit(left, At(0) + kUsageRepeatLimit);
  EXPECT_EQ(heir.given_up(), 1);
  EXPECT_EQ(heir.uncounted(), 1);
  EXPECT_FALSE(heir.has_batch(At(0) + kUsageRepeatLimit));
  EXPECT_EQ(heir.TakeJournalStep(At(0) + kUsageRepeatLimit)->content->batch,
            (UsageBatch{1, {Entry("q", 1)}, Holder(2)}));
}

TEST_F(UsageJournalTest, ABatchThatWasNeverSentWaitsForever) {
  Add(sender_, "p", 0);
  EXPECT_EQ(Step(sender_, 1)->sent_since, At(1)) << "from then on it may have been";
  sender_.Reset(At(1) + absl::Hours(1000));
  EXPECT_EQ(sender_.given_up(), 0);
  sender_.TakeBatch(At(1) + absl::Hours(1000));
  sender_.Reset(At(1) + absl::Hours(1000) + kUsageRepeatLimit);
  EXPECT_EQ(sender_.given_up(), 1);
  EXPECT_TRUE(sender_.empty());
}

TEST_F(UsageJournalTest, AFailedWriteIsRepeatedAndWhatWasShownMayStillBe) {
  Add(sender_, "p", 0);
  ASSERT_TRUE(sender_.TakeJournalStep(At(0.6)).has_value());
  sender_.OnJournalStep(false);
  EXPECT_EQ(sender_.NextJournalStep(), At(1.1));
  EXPECT_TRUE(Step(sender_, 1.1).has_value());
}

TEST_F(UsageJournalTest, WhereTheDiskTakesNoFileTheOldOneGoesBeforeWhatItShows) {
  LeaveBehind();
  sender_.TakeBatch(At(1));
  sender_.OnCounted(1);
  ASSERT_TRUE(sender_.TakeJournalStep(At(1))->content.has_value());
  sender_.OnJournalStep(false);
  EXPECT_FALSE(sender_.has_batch(At(1)));
  EXPECT_EQ(sender_.NextJournalStep(), At(1.5));
  EXPECT_FALSE(Step(sender_, 1.5).has_value());
  EXPECT_TRUE(sender_.has_batch(At(1.5)));
}

TEST_F(UsageJournalTest, TheLastStepShowsAllThatIsLeft) {
  LeaveBehind();
  Add(sender_, "r", 0.7);
  const absl::optional<UsageJournalStep> last = sender_.LastJournalStep(At(0.7));
  EXPECT_THAT(last->content->waiting, ElementsAre(Entry("q", 1), Entry("r", 1)));
}

TEST_F(UsageJournalTest, TheLastStepRemovesAFileOfWhatIsCounted) {
  EXPECT_FALSE(sender_.LastJournalStep(At(0)).has_value()) << "there is none";
  Add(sender_, "p", 0);
  Step(sender_, 0.6);
  sender_.TakeBatch(At(0.7));
  sender_.OnCounted(1);
  EXPECT_FALSE(sender_.LastJournalStep(At(0.7))->content.has_value());
}

// Holders that are killed at any moment, one after the other, with one disk between them and one receiver
// that comes and goes.
class Generations {
 public:
  // `disk_fails`: some steps, and nobody knows how far they got; then there is no bound below.
  Generations(uint64_t seed, bool disk_fails) : random_(seed), disk_fails_(disk_fails) { Begin(); }

  void Live() {
    for (int i = 0; i < 6000; ++i) {
      now_ += absl::Milliseconds(1 + random_.Below(20));
      if (random_.OneIn(150)) is_away_ = !is_away_;
      if (random_.OneIn(3)) Accept();
      Turn();
      if (random_.OneIn(50)) sender_->Reset(now_);
      if (random_.OneIn(400)) Kill();
      sender_->CheckInvariants();
      ASSERT_LE(counted_, accepted_);
      for (const auto& [product, connections] : counted_of_) {
        ASSERT_LE(connections, accepted_of_[product]) << product;
      }
    }
  }

  void ComeToRest() {
    is_away_ = false;
    for (int i = 0; i < 400; ++i) {
      now_ += absl::Milliseconds(50);
      sender_->Reset(now_);
      Turn();
    }
    EXPECT_TRUE(sender_->empty());
    EXPECT_EQ(sender_->given_up(), 0);
    EXPECT_FALSE(file_.has_value());
    EXPECT_LE(counted_, accepted_);
    EXPECT_TRUE(disk_fails_ || counted_ >= accepted_ - may_be_lost_)
        << counted_ << " of " << accepted_;
  }

  int64_t inherited() const { return inherited_; }

 private:
  void Begin() {
    sender_.emplace(kInterval, 3, Holder(++holder_));
    open_step_.reset();
    if (!file_) return;
    ++inherited_;
    sender_->Inherit(*file_, now_);
  }

  void Kill() {
    for (absl::Time at : times_) may_be_lost_ += at > now_ - absl::Seconds(1) ? 1 : 0;
    times_.clear();
    if (open_step_ && random_.OneIn(2)) file_ = open_step_->content;
    now_ += absl::Milliseconds(random_.Below(2000));
    Begin();
  }

  void Accept() {
    const std::string product(1, static_cast<char>('a' + random_.Below(5)));
    sender_->Add(product, random_.Below(2) * 3600, 1, now_);
    ++accepted_;
    ++accepted_of_[product];
    times_.push_back(now_);
  }

  void Turn() {
    if (!is_away_ && sender_->has_batch(now_)) Send(sender_->TakeBatch(now_));
    if (open_step_ && now_ >= step_ends_) EndStep();
    if (open_step_) return;
    open_step_ = sender_->TakeJournalStep(now_);
    step_ends_ = now_ + absl::Milliseconds(random_.Below(150));
  }

  void EndStep() {
    const bool is_done = !disk_fails_ || !random_.OneIn(10);
    if (is_done || random_.OneIn(2)) file_ = open_step_->content;
    open_step_.reset();
    sender_->OnJournalStep(is_done);
  }

  void Send(const UsageBatch& batch) {
    if (random_.OneIn(4)) return;
    uint64_t& last = last_[batch.holder.value_or(Holder(holder_))];
    if (*UsageCounts(last, batch)) {
      last = batch.number;
      for (const UsageEntry& entry : batch.entries) {
        counted_ += entry.connections;
        counted_of_[entry.product] += entry.connections;
      }
    }
    if (!random_.OneIn(4)) sender_->OnCounted(batch.number);
  }

  Random random_;
  const bool disk_fails_;
  absl::Time now_ = At(0);
  bool is_away_ = false;
  uint64_t holder_ = 0;
  absl::optional<UsageSender> sender_;
  absl::optional<UsageBacklog> file_;
  absl::optional<UsageJournalStep> open_step_;
  absl::Time step_ends_;
  std::map<HolderId, uint64_t> last_;
  std::vector<absl::Time> times_;  // of this holder
  std::map<std::string, int64_t> accepted_of_, counted_of_;
  int64_t accepted_ = 0;
  int64_t counted_ = 0;
  int64_t may_be_lost_ = 0;
  int64_t inherited_ = 0;
};

TEST(UsageGenerationsTest, KillsCostThoseOfALastSecondAtMostAndCountNoneTwice) {
  int64_t inherited = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(seed);
    Generations generations(seed, /*disk_fails=*/seed % 4 == 0);
    generations.Live();
    generations.ComeToRest();
    inherited += generations.inherited();
  }
  EXPECT_GT(inherited, 500) << "else nothing is shown";
}

}  // namespace
}  // namespace livecounter
