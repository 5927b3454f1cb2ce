#include "core/sender_log.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/test_support.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter {
namespace {

using test::At;
using test::Counter;
using test::Random;
using test::V;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// 1, 2, 3, …: each id once.
std::function<SenderId()> SenderIdsInOrder() {
  return [next = uint64_t{0}]() mutable { return SenderId{.high = 0, .low = ++next}; };
}

HitAnswer Answer(const HitBatch& batch, int64_t value_after) {
  HitAnswer answer;
  answer.sender = batch.sender;
  answer.counter = batch.counter;
  answer.number = batch.number;
  answer.value_after = value_after;
  answer.version = V(1, static_cast<uint64_t>(value_after));
  return answer;
}

HitAnswer Refusal(const HitBatch& batch, absl::Status status) {
  HitAnswer answer = Answer(batch, 0);
  answer.status = std::move(status);
  return answer;
}

// As a store that knows nothing of the sender refuses it.
absl::Status Gap() {
  return DecideHits(absl::nullopt, 1, {.sender = {}, .counter = {}, .number = 9, .count = 1})
      .status();
}

MATCHER_P2(Counted, ticket, value, "") {
  return arg.ticket == static_cast<uint64_t>(ticket) && arg.status.ok() && arg.value == value;
}
MATCHER_P2(Failed, ticket, code, "") {
  return arg.ticket == static_cast<uint64_t>(ticket) && arg.status.code() == code;
}

class SenderLogTest : public ::testing::Test {
 protected:
  ~SenderLogTest() override { log_.CheckInvariants(); }

  void Add(std::vector<uint64_t> tickets) {
    for (uint64_t ticket : tickets) log_.Add(Counter(1), ticket, /*create=*/false);
  }
  HitBatch TakeOne() {
    const std::vector<HitBatch> batches = log_.TakeBatches(At(0));
    EXPECT_THAT(batches, SizeIs(1));
    return batches.empty() ? HitBatch() : batches.front();
  }

  SenderLog log_{SenderIdsInOrder(), absl::Hours(1)};
};

TEST_F(SenderLogTest, TheFirstHitGoesAtOnceAndTheRestTogether) {
  Add({1});
  const HitBatch first = TakeOne();
  EXPECT_EQ(first, (HitBatch{{0, 1}, Counter(1), 1, 1, false}));
  Add({2, 3});
  EXPECT_FALSE(log_.has_batches());
  EXPECT_THAT(log_.TakeBatches(At(0)), IsEmpty());
  EXPECT_THAT(log_.OnAnswer(Answer(first, 10)), ElementsAre(Counted(1, 10)));
  const HitBatch second = TakeOne();
  EXPECT_EQ(second, (HitBatch{{0, 1}, Counter(1), 2, 2, false}));
  EXPECT_THAT(log_.OnAnswer(Answer(second, 15)), ElementsAre(Counted(2, 14), Counted(3, 15)));
  EXPECT_FALSE(log_.has_unanswered());
}

TEST_F(SenderLogTest, OutcomesCarryTheVersionAtWhichTheyCanBeRead) {
  Add({1});
  EXPECT_EQ(log_.OnAnswer(Answer(TakeOne(), 10)).front().version, V(1, 10));
}

TEST_F(SenderLogTest, CountersAreNumberedEachByItself) {
  log_.Add(Counter(2), 1, false);
  log_.Add(Counter(1), 2, true);
  EXPECT_THAT(log_.TakeBatches(At(0)), ElementsAre(HitBatch{{0, 1}, Counter(2), 1, 1, false},
                                                   HitBatch{{0, 2}, Counter(1), 1, 1, true}));
}

TEST_F(SenderLogTest, TheLimitLeavesTheRestForTheNextTime) {
  for (int counter : {3, 1, 2}) log_.Add(Counter(counter), 1, false);
  EXPECT_THAT(log_.TakeBatches(At(0), 2), SizeIs(2));
  EXPECT_TRUE(log_.has_batches());
  EXPECT_EQ(log_.TakeBatches(At(0), 2).front().counter, Counter(2));
}

TEST_F(SenderLogTest, HitsOfOneBatchAgreeOnCreating) {
  log_.Add(Counter(1), 1, true);
  log_.Add(Counter(1), 2, true);
  log_.Add(Counter(1), 3, false);
  const HitBatch creating = TakeOne();
  EXPECT_EQ(creating.count, 2);
  EXPECT_TRUE(creating.create);
  log_.OnAnswer(Answer(creating, 2));
  const HitBatch other = TakeOne();
  EXPECT_EQ(other.count, 1);
  EXPECT_FALSE(other.create);
}

TEST_F(SenderLogTest, AfterABreakTheSameBatchGoesAgainUnchanged) {
  Add({1, 2});
  const HitBatch batch = TakeOne();
  Add({3});
  log_.Reset();
  EXPECT_EQ(TakeOne(), batch);
  EXPECT_THAT(log_.TakeBatches(At(0)), IsEmpty());
}

TEST_F(SenderLogTest, AfterABreakBatchesGoAgainInOneOrder) {
  for (int counter : {3, 1, 2}) log_.Add(Counter(counter), 1, false);
  log_.TakeBatches(At(0));
  log_.Reset();
  std::vector<CounterId> order;
  for (const HitBatch& batch : log_.TakeBatches(At(0))) order.push_back(batch.counter);
  EXPECT_THAT(order, ElementsAre(Counter(1), Counter(2), Counter(3)));
}

TEST_F(SenderLogTest, ALateRepeatOfAnAnswerIsIgnored) {
  Add({1});
  const HitBatch first = TakeOne();
  log_.OnAnswer(Answer(first, 1));
  EXPECT_THAT(log_.OnAnswer(Answer(first, 1)), IsEmpty());
  Add({2});
  TakeOne();
  EXPECT_THAT(log_.OnAnswer(Answer(first, 1)), IsEmpty());
  HitBatch other = first;
  other.counter = Counter(9);
  EXPECT_THAT(log_.OnAnswer(Answer(other, 1)), IsEmpty());
  other = first;
  other.sender = {7, 7};
  other.number = 2;
  EXPECT_THAT(log_.OnAnswer(Answer(other, 1)), IsEmpty());
}

TEST_F(SenderLogTest, AfterAGapTheHitsGoAgainUnderANewSender) {
  Add({1});
  log_.OnAnswer(Answer(TakeOne(), 1));
  Add({2, 3});
  const HitBatch lost = TakeOne();
  Add({4});
  EXPECT_FALSE(log_.Abandon(Counter(1), 2));
  EXPECT_THAT(log_.OnAnswer(Refusal(lost, Gap())), IsEmpty());
  const HitBatch again = TakeOne();
  EXPECT_EQ(again, (HitBatch{{0, 2}, Counter(1), 1, 2, false}));
  EXPECT_THAT(log_.OnAnswer(Answer(again, 7)), ElementsAre(Counted(3, 6), Counted(4, 7)));
}

TEST_F(SenderLogTest, AGapAtNumberOneIsARefusal) {
  Add({1});
  EXPECT_THAT(log_.OnAnswer(Refusal(TakeOne(), Gap())),
              ElementsAre(Failed(1, absl::StatusCode::kFailedPrecondition)));
  EXPECT_FALSE(log_.has_unanswered());
}

TEST_F(SenderLogTest, ARefusalEndsTheNumberingAndNothingIsRememberedOfIt) {
  Add({1, 2});
  const HitBatch refused = TakeOne();
  EXPECT_THAT(
      log_.OnAnswer(Refusal(refused, absl::NotFoundError("no such counter"))),
      ElementsAre(Failed(1, absl::StatusCode::kNotFound), Failed(2, absl::StatusCode::kNotFound)));
  EXPECT_EQ(log_.size(), 0u);
  EXPECT_EQ(log_.NextExpiry(), absl::InfiniteFuture());
  Add({3});
  const HitBatch next = TakeOne();
  EXPECT_EQ(next.number, 1u);
  EXPECT_NE(next.sender, refused.sender);
}

// Only a gap says that nothing was counted: any other refusal of the same code may follow a batch
// that was, and is not sent again.
TEST_F(SenderLogTest, ARefusalThatIsNoGapIsNotSentAgain) {
  Add({1});
  log_.OnAnswer(Answer(TakeOne(), 1));
  Add({2});
  const HitBatch batch = TakeOne();
  EXPECT_THAT(log_.OnAnswer(Refusal(batch, absl::FailedPreconditionError("the store is closed"))),
              ElementsAre(Failed(2, absl::StatusCode::kFailedPrecondition)));
  EXPECT_FALSE(log_.has_batches());
}

TEST_F(SenderLogTest, AbandoningWhatIsNotYetInABatchDoesNotCountIt) {
  Add({1});
  TakeOne();
  Add({2, 3});
  EXPECT_TRUE(log_.Abandon(Counter(1), 2));
  EXPECT_FALSE(log_.Abandon(Counter(1), 2));
  EXPECT_FALSE(log_.Abandon(Counter(9), 1));
  log_.OnAnswer(Answer({{0, 1}, Counter(1), 1, 1, false}, 5));
  EXPECT_EQ(TakeOne().count, 1);
}

TEST_F(SenderLogTest, AbandoningEverythingThatWaitsLeavesNothingBehind) {
  Add({1});
  EXPECT_TRUE(log_.has_batches());
  EXPECT_TRUE(log_.Abandon(Counter(1), 1));
  EXPECT_FALSE(log_.has_batches());
  EXPECT_FALSE(log_.has_unanswered());
  EXPECT_EQ(log_.size(), 0u);
}

TEST_F(SenderLogTest, AbandonedHitsOfABatchCountButAreNotReported) {
  Add({1, 2, 3});
  const HitBatch batch = TakeOne();
  EXPECT_FALSE(log_.Abandon(Counter(1), 2));
  EXPECT_THAT(log_.OnAnswer(Answer(batch, 9)), ElementsAre(Counted(1, 7), Counted(3, 9)));
}

TEST_F(SenderLogTest, ABatchThatNobodyAnswersIsGivenUp) {
  Add({1, 2});
  const HitBatch batch = TakeOne();
  log_.Abandon(Counter(1), 2);
  Add({3});
  EXPECT_EQ(log_.NextExpiry(), At(3600));
  EXPECT_THAT(log_.Expire(At(3599)), IsEmpty());
  EXPECT_THAT(log_.Expire(At(3600)), ElementsAre(Failed(1, absl::StatusCode::kDeadlineExceeded)));
  EXPECT_THAT(log_.OnAnswer(Answer(batch, 2)), IsEmpty());
  const HitBatch next = TakeOne();
  EXPECT_EQ(next, (HitBatch{{0, 2}, Counter(1), 1, 1, false}));
}

TEST_F(SenderLogTest, AnIdleNumberingIsForgottenOneInUseIsNot) {
  Add({1});
  log_.OnAnswer(Answer(TakeOne(), 1));
  Add({2});
  const std::vector<HitBatch> later = log_.TakeBatches(At(1800));
  log_.OnAnswer(Answer(later.front(), 2));
  EXPECT_THAT(log_.Expire(At(3600)), IsEmpty());
  EXPECT_EQ(log_.size(), 1u);
  EXPECT_EQ(log_.NextExpiry(), At(5400));
  EXPECT_THAT(log_.Expire(At(5400)), IsEmpty());
  EXPECT_EQ(log_.size(), 0u);
}

TEST_F(SenderLogTest, AnAnswerThatMakesNoSenseOverflowsNothing) {
  Add({1, 2});
  EXPECT_THAT(log_.OnAnswer(Answer(TakeOne(), INT64_MIN)), SizeIs(2));
}

// --- Exactly once, end to end. ---

// A store as an engine is: total and record change in one step, or both not. It remembers copies.
class Store {
 public:
  HitAnswer Apply(const HitBatch& batch) {
    State& state = states_.back();
    const auto key = std::make_pair(batch.sender, batch.counter);
    const auto record = state.records.find(key);
    const auto total = state.totals.find(batch.counter);
    const absl::StatusOr<HitDecision> decision = DecideHits(
        record == state.records.end() ? absl::nullopt : absl::make_optional(record->second),
        total == state.totals.end() ? absl::nullopt : absl::make_optional(total->second), batch);
    if (!decision.ok()) return Refusal(batch, decision.status());
    if (decision->applied) {
      state.totals[batch.counter] = decision->value_after;
      state.records[key] = {batch.number, decision->value_after};
    }
    return Answer(batch, decision->value_after);
  }

  void Copy() { states_.push_back(states_.back()); }
  // Forgets what came after the newest copy, or an older one.
  void RollBack(int copies) {
    for (; copies > 0 && states_.size() > 1; --copies) states_.pop_back();
    states_.back() = states_.size() > 1 ? states_[states_.size() - 2] : State();
  }
  int64_t Total(const CounterId& counter) const {
    const auto total = states_.back().totals.find(counter);
    return total == states_.back().totals.end() ? 0 : total->second;
  }

 private:
  struct State {
    std::map<CounterId, int64_t> totals;
    std::map<std::pair<SenderId, CounterId>, SenderRecord> records;
  };
  std::vector<State> states_ = {State()};  // copies, and last the current one
};

// Several senders and one store; streams are ordered, delayed, and break with what is on them.
class ExactlyOnceTest : public ::testing::TestWithParam<uint64_t> {
 protected:
  static constexpr int kCounters = 3;
  static constexpr int kSenders = 3;

  struct Sender {
    explicit Sender(std::function<SenderId()> ids) : log(std::move(ids), absl::Minutes(5)) {}
    SenderLog log;
    std::deque<HitBatch> up;
    std::deque<HitAnswer> down;
    std::map<uint64_t, CounterId> open;  // tickets
  };

  ExactlyOnceTest() {
    const auto ids = SenderIdsInOrder();
    const auto shared = std::make_shared<std::function<SenderId()>>(ids);
    for (int i = 0; i < kSenders; ++i) senders_.emplace_back([shared] { return (*shared)(); });
  }

  void Hit(Sender& sender) {
    const CounterId counter = Counter(random_.Below(kCounters));
    sender.open[++last_ticket_] = counter;
    sender.log.Add(counter, last_ticket_, /*create=*/true);
  }

  void Abandon(Sender& sender) {
    if (sender.open.empty()) return;
    const auto [ticket, counter] = *sender.open.begin();
    if (!sender.log.Abandon(counter, ticket)) ++maybe_[counter];
    sender.open.erase(ticket);
  }

  void Finish(Sender& sender, const std::vector<HitOutcome>& outcomes) {
    for (const HitOutcome& outcome : outcomes) {
      const auto open = sender.open.find(outcome.ticket);
      ASSERT_NE(open, sender.open.end()) << "one outcome for each";
      if (outcome.status.ok()) {
        ASSERT_TRUE(counted_[open->second].insert(outcome.value).second) << "a value given twice";
      } else {
        ASSERT_EQ(outcome.status.code(), absl::StatusCode::kDeadlineExceeded);
        ++maybe_[open->second];
      }
      sender.open.erase(open);
    }
  }

  void Break(Sender& sender) {
    sender.up.clear();
    sender.down.clear();
    sender.log.Reset();
  }

  void Move(Sender& sender) {
    for (HitBatch& batch : sender.log.TakeBatches(now_)) sender.up.push_back(std::move(batch));
    for (int n = random_.Below(3); n > 0 && !sender.up.empty(); --n) {
      sender.down.push_back(store_.Apply(sender.up.front()));
      sender.up.pop_front();
    }
    for (int n = random_.Below(3); n > 0 && !sender.down.empty(); --n) {
      Finish(sender, sender.log.OnAnswer(sender.down.front()));
      sender.down.pop_front();
    }
    sender.log.CheckInvariants();
  }

  // A restore: every stream breaks, and what the copy did not have never was.
  void RollBack() {
    store_.RollBack(1 + random_.Below(2));
    for (Sender& sender : senders_) Break(sender);
    for (auto& [counter, values] : counted_) {
      values.erase(values.upper_bound(store_.Total(counter)), values.end());
    }
  }

  void Step(bool with_maybes) {
    now_ += absl::Milliseconds(random_.Below(100));
    Sender& sender = senders_[static_cast<size_t>(random_.Below(kSenders))];
    const int choice = random_.Below(100);
    if (choice < 40) Hit(sender);
    if (choice == 40) Break(sender);
    if (choice == 41) store_.Copy();
    if (choice == 42 && random_.OneIn(5)) RollBack();
    if (with_maybes && choice == 43) Abandon(sender);
    if (with_maybes && choice == 44) now_ += absl::Minutes(random_.Below(6));
    Finish(sender, sender.log.Expire(now_));
    Move(sender);
  }

  void Drain() {
    for (Sender& sender : senders_) {
      Break(sender);
      while (sender.log.has_unanswered() && !HasFailure()) Move(sender);
      EXPECT_TRUE(sender.open.empty()) << "every hit has its outcome";
    }
  }

  Random random_{GetParam()};
  Store store_;
  std::deque<Sender> senders_;
  absl::Time now_ = At(0);
  uint64_t last_ticket_ = 0;
  std::map<CounterId, std::set<int64_t>> counted_;  // values given out that the store still knows
  std::map<CounterId, int64_t> maybe_;              // hits of which nobody knows
};

TEST_P(ExactlyOnceTest, EveryHitIsCountedOnceOverBreaksRepeatsAndRestores) {
  SCOPED_TRACE(random_.seed());
  for (int step = 0; step < 5'000 && !HasFailure(); ++step) Step(/*with_maybes=*/false);
  Drain();
  for (int n = 0; n < kCounters; ++n) {
    const std::set<int64_t>& values = counted_[Counter(n)];
    const int64_t total = store_.Total(Counter(n));
    EXPECT_EQ(static_cast<int64_t>(values.size()), total);
    if (total > 0) {
      EXPECT_EQ(*values.begin(), 1);
      EXPECT_EQ(*values.rbegin(), total);
    }
  }
}

TEST_P(ExactlyOnceTest, WhatNobodyWaitsForIsCountedAtMostOnce) {
  SCOPED_TRACE(random_.seed());
  for (int step = 0; step < 5'000 && !HasFailure(); ++step) Step(/*with_maybes=*/true);
  Drain();
  for (int n = 0; n < kCounters; ++n) {
    const auto known = static_cast<int64_t>(counted_[Counter(n)].size());
    EXPECT_GE(store_.Total(Counter(n)), known);
    EXPECT_LE(store_.Total(Counter(n)), known + maybe_[Counter(n)]);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, ExactlyOnceTest, ::testing::Range<uint64_t>(1, 11));

}  // namespace
}  // namespace livecounter
