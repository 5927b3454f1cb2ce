// Hits end to end: the sender's log and the store's decisions together, over streams that break and a
// store that is restored from copies. Every hit is counted once.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "core/hits.h"
#include "core/sender_log.h"
#include "core/sender_log_fixture.h"
#include "core/test_support.h"
#include "gtest/gtest.h"

namespace livecounter {
namespace {

using test::Answer;
using test::At;
using test::Counter;
using test::Random;
using test::Refusal;
using test::SenderIdsInOrder;

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
