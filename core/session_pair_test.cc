// Both sides of a session together, over streams that are late, fall silent and break, between
// processes that are killed and come back. Whatever happened: once it heals, what counterd shows is
// what the gateways hold, and every hit was counted once. tests/simulation does this with whole
// programs; here are the rules alone, and every step checks all invariants.

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/holder_session.h"
#include "core/test_receiver.h"
#include "core/test_support.h"
#include "gtest/gtest.h"

namespace livecounter {
namespace {

using test::At;
using test::Counter;
using test::Disk;
using test::Hash;
using test::Random;
using test::Receiver;
using test::Stream;

constexpr int kCounters = 3;

// A gateway, as small as it can be, and what it should hold.
struct Gateway {
  Gateway(HolderId id, absl::BitGenRef random) : session(MakeOptions(id), random) {}

  static HolderSession::Options MakeOptions(HolderId id) {
    HolderSession::Options options;
    options.id = id;
    options.audit_interval = absl::Seconds(3);
    options.max_frame_entries = 3;
    return options;
  }

  HolderSession session;
  std::unique_ptr<Stream> stream;
  std::multiset<std::pair<CounterId, PresenceHash>> held;
  std::map<CounterId, int> watchers;
  std::map<CounterId, Change> shown;  // the newest passed on
  std::map<uint64_t, CounterId> open_hits;
};

class SessionPairTest : public ::testing::TestWithParam<uint64_t> {
 protected:
  static constexpr int kGateways = 3;

  SessionPairTest() {
    for (int i = 0; i < kGateways; ++i) gateways_.push_back(NewGateway());
    receiver_ = std::make_unique<Receiver>(&disk_, now_);
  }

  std::unique_ptr<Gateway> NewGateway() {
    return std::make_unique<Gateway>(test::Holder(++last_holder_), random_.bits());
  }

  Gateway& AnyGateway() { return *gateways_[static_cast<size_t>(random_.Below(kGateways))]; }

  // --- What clients do. ---

  void JoinOrLeave(Gateway& gateway) {
    if (gateway.held.empty() || random_.OneIn(2)) {
      const auto hold = std::make_pair(Counter(random_.Below(kCounters)),
                                       Hash(static_cast<uint64_t>(random_.Below(6))));
      gateway.held.insert(hold);
      gateway.session.Join(hold.first, hold.second);
    } else {
      auto hold = gateway.held.begin();
      std::advance(hold, random_.Below(static_cast<int>(gateway.held.size())));
      gateway.session.Leave(hold->first, hold->second);
      gateway.held.erase(hold);
    }
  }

  void WatchOrUnwatch(Gateway& gateway) {
    const CounterId counter = Counter(random_.Below(kCounters));
    int& watchers = gateway.watchers[counter];
    if (watchers == 0 || random_.OneIn(2)) {
      ++watchers;
      const absl::optional<Change> known = gateway.session.Watch(counter);
      if (known) Show(gateway, *known);
    } else {
      --watchers;
      gateway.session.Unwatch(counter);
      if (watchers == 0) gateway.shown.erase(counter);
    }
  }

  void Hit(Gateway& gateway) {
    const CounterId counter = Counter(random_.Below(kCounters));
    const uint64_t ticket = ++last_ticket_;
    gateway.open_hits[ticket] = counter;
    if (random_.OneIn(3)) {
      gateway.session.KeyedHitOnce(
          {.ticket = ticket,
           .hit = {.counter = counter, .key = absl::StrCat("key-", ticket), .create = true}});
    } else {
      gateway.session.Hit(counter, ticket, /*create=*/true);
    }
  }

  // --- What the world does. ---

  // `up` and `down` may still arrive on the way to a side that has not seen the end.
  void BreakStream(Gateway& gateway) {
    if (gateway.stream == nullptr) return;
    Stream& stream = *gateway.stream;
    if (random_.OneIn(2)) stream.up.clear();
    HolderSeesEnd(gateway);
  }

  void HolderSeesEnd(Gateway& gateway) {
    gateway.stream->holder_open = false;
    gateway.stream->down.clear();
    gateway.session.OnClosed(now_);
    half_open_.push_back(std::move(gateway.stream));
  }

  void ReceiverSeesEnd(Stream& stream) {
    stream.receiver_open = false;
    stream.up.clear();
    receiver_->OnClosed(stream.id);
  }

  void KillGateway(size_t i) {
    Gateway& gateway = *gateways_[i];
    if (gateway.stream != nullptr) HolderSeesEnd(gateway);
    for (const auto& [ticket, counter] : gateway.open_hits) ++maybe_[counter];
    gateways_[i] = NewGateway();
  }

  void KillReceiver() {
    EXPECT_EQ(receiver_->audit_mismatches(), 0);
    half_open_.clear();
    for (auto& gateway : gateways_) {
      if (gateway->stream != nullptr) HolderSeesEnd(*gateway);
    }
    half_open_.clear();
    receiver_ = std::make_unique<Receiver>(&disk_, now_);
  }

  // --- Time passes. ---

  void RunGateway(Gateway& gateway) {
    HolderSession& session = gateway.session;
    if (gateway.stream != nullptr && session.PeerIsSilent(now_)) HolderSeesEnd(gateway);
    if (gateway.stream == nullptr && session.ShouldConnect(now_)) {
      gateway.stream = std::make_unique<Stream>();
      gateway.stream->id = ++last_stream_;
      session.OnOpened(now_);
    }
    if (gateway.stream != nullptr) {
      while (session.has_frame(now_)) gateway.stream->up.push_back(*session.TakeFrame(now_));
    }
    for (const Change& change : session.TakeChanges()) Show(gateway, change);
    for (const HitOutcome& outcome : session.TakeOutcomes()) Finish(gateway, outcome);
    session.CheckInvariants();
  }

  void RunStream(Gateway& gateway) {
    Stream& stream = *gateway.stream;
    if (stream.silent) return;
    DeliverUp(stream);
    if (stream.receiver_open) {
      while (absl::optional<ReceiverFrame> frame = receiver_->TakeFrame(stream.id, now_)) {
        stream.down.push_back(*std::move(frame));
      }
    }
    for (int n = random_.Below(4); n > 0 && !stream.down.empty(); --n) {
      const absl::Status status = gateway.session.OnFrame(stream.down.front(), now_);
      ASSERT_TRUE(status.ok()) << status;
      stream.down.pop_front();
    }
    if (!stream.receiver_open && stream.down.empty()) HolderSeesEnd(gateway);
  }

  void DeliverUp(Stream& stream) {
    for (int n = random_.Below(4); n > 0 && !stream.up.empty(); --n) {
      receiver_->OnFrame(stream, stream.up.front(), now_);
      stream.up.pop_front();
    }
    EndClosedStreams();
  }

  void EndClosedStreams() {
    for (StreamId closed : receiver_->TakeClosed()) {
      for (auto& gateway : gateways_) {
        if (gateway->stream != nullptr && gateway->stream->id == closed) {
          ReceiverSeesEnd(*gateway->stream);
        }
      }
      for (auto& stream : half_open_) {
        if (stream->id == closed) ReceiverSeesEnd(*stream);
      }
    }
    std::erase_if(half_open_, [](const auto& stream) { return !stream->receiver_open; });
  }

  void RunHalfOpen() {
    for (auto& stream : half_open_) {
      if (stream->receiver_open) DeliverUpOf(*stream);
    }
    EndClosedStreams();
  }

  void DeliverUpOf(Stream& stream) {
    if (!stream.up.empty() && random_.OneIn(2)) {
      receiver_->OnFrame(stream, stream.up.front(), now_);
      stream.up.pop_front();
    } else if (random_.OneIn(10)) {
      ReceiverSeesEnd(stream);
    }
  }

  void Run(absl::Duration longest) {
    now_ += longest * random_.Below(100) / 100;
    receiver_->Tick(now_);
    EndClosedStreams();
    RunHalfOpen();
    for (auto& gateway : gateways_) {
      RunGateway(*gateway);
      if (gateway->stream != nullptr) RunStream(*gateway);
      RunGateway(*gateway);
    }
    receiver_->CheckInvariants();
  }

  // --- What must hold all the time. ---

  void Show(Gateway& gateway, const Change& change) {
    const auto [shown, first] = gateway.shown.try_emplace(change.counter, change);
    if (first) return;
    ASSERT_GE(change.version, shown->second.version);
    if (change.version == shown->second.version) {
      ASSERT_EQ(change.present, shown->second.present);
      ASSERT_EQ(change.hits, shown->second.hits);
    }
    shown->second = change;
  }

  void Finish(Gateway& gateway, const HitOutcome& outcome) {
    const auto open = gateway.open_hits.find(outcome.ticket);
    ASSERT_NE(open, gateway.open_hits.end()) << "one outcome for each";
    ASSERT_TRUE(outcome.status.ok()) << outcome.status;
    ASSERT_TRUE(counted_[open->second].insert(outcome.value).second) << "a value given twice";
    const auto shown = gateway.shown.find(open->second);
    if (shown != gateway.shown.end() &&
        gateway.session.state() == HolderSession::State::kAttached) {
      ASSERT_GE(shown->second.version, outcome.version) << "read your writes";
    }
    gateway.open_hits.erase(open);
  }

  // --- What must hold once it has healed. ---

  void Heal() {
    for (auto& gateway : gateways_) {
      if (gateway->stream != nullptr) gateway->stream->silent = false;
    }
    // Leases of the dead end, attempts are over, and everything that was late has come.
    for (const absl::Time healed = now_ + absl::Seconds(25); now_ < healed && !HasFailure();) {
      Run(absl::Milliseconds(100));
    }
  }

  void CheckHealed() {
    Share truth;
    for (const auto& gateway : gateways_) {
      EXPECT_TRUE(gateway->session.synced());
      const std::set<std::pair<CounterId, PresenceHash>> distinct(gateway->held.begin(),
                                                                  gateway->held.end());
      for (const auto& [counter, hash] : distinct) truth.Add(counter, hash);
    }
    EXPECT_EQ(receiver_->sessions().present(), truth);
    EXPECT_FALSE(receiver_->sessions().recovering());
    EXPECT_EQ(receiver_->sessions().sessions(), kGateways);
    EXPECT_EQ(disk_.sessions.size(), static_cast<size_t>(kGateways));
    EXPECT_EQ(receiver_->audit_mismatches(), 0);
    for (int i = 0; i < kCounters; ++i) CheckCounter(Counter(i), truth.present(Counter(i)));
  }

  void CheckCounter(const CounterId& counter, int64_t present) {
    for (const auto& gateway : gateways_) {
      EXPECT_TRUE(gateway->open_hits.empty()) << "every hit has its outcome";
      if (gateway->watchers[counter] == 0) continue;
      ASSERT_TRUE(gateway->shown.contains(counter));
      const Change& shown = gateway->shown.at(counter);
      EXPECT_EQ(shown.present, present);
      EXPECT_EQ(shown.version, receiver_->counters().Read(counter).version);
      if (shown.hits) {
        EXPECT_EQ(*shown.hits, disk_.totals[counter]);
      }
    }
    const auto known = static_cast<int64_t>(counted_[counter].size());
    EXPECT_GE(disk_.totals[counter], known);
    EXPECT_LE(disk_.totals[counter], known + maybe_[counter]);
  }

  Random random_{GetParam()};
  absl::Time now_ = At(0);
  Disk disk_;
  std::unique_ptr<Receiver> receiver_;
  std::vector<std::unique_ptr<Gateway>> gateways_;
  std::vector<std::unique_ptr<Stream>> half_open_;  // whose holder has seen the end
  uint64_t last_holder_ = 0;
  StreamId last_stream_ = 0;
  uint64_t last_ticket_ = 0;
  std::map<CounterId, std::set<int64_t>> counted_;  // values given out
  std::map<CounterId, int64_t> maybe_;              // hits of gateways that were killed
};

TEST_P(SessionPairTest, AfterItHealsBothSidesAgreeWithTheTruth) {
  SCOPED_TRACE(random_.seed());
  for (int round = 0; round < 2 && !HasFailure(); ++round) {
    for (int step = 0; step < 600 && !HasFailure(); ++step) {
      Gateway& gateway = AnyGateway();
      const int choice = random_.Below(1000);
      if (choice < 400) JoinOrLeave(gateway);
      if (choice >= 400 && choice < 500) WatchOrUnwatch(gateway);
      if (choice >= 500 && choice < 600) Hit(gateway);
      if (choice >= 600 && choice < 630) BreakStream(gateway);
      if (choice >= 630 && choice < 640 && gateway.stream != nullptr) gateway.stream->silent = true;
      if (choice >= 640 && choice < 650 && gateway.stream != nullptr) {
        receiver_->WantResend(gateway.stream->id);
      }
      if (choice == 650) KillReceiver();
      if (choice == 651) KillGateway(static_cast<size_t>(random_.Below(kGateways)));
      if (choice == 652) now_ += absl::Seconds(random_.Below(15));  // everything stalls
      Run(absl::Milliseconds(200));
    }
    Heal();
    CheckHealed();
  }
}

// Viewers who stay are never missing in what is shown, while streams break and counterd restarts.
TEST_P(SessionPairTest, NothingDipsWhileGatewaysOnlyReconnect) {
  SCOPED_TRACE(random_.seed());
  constexpr int64_t kStaying = 6;
  for (uint64_t i = 0; i < kStaying; ++i) {
    Gateway& gateway = *gateways_[i % kGateways];
    gateway.session.Join(Counter(0), Hash(1000 + i));
    gateway.held.insert({Counter(0), Hash(1000 + i)});
  }
  for (auto& gateway : gateways_) {
    gateway->session.Watch(Counter(0));
    ++gateway->watchers[Counter(0)];
  }
  Heal();
  for (int step = 0; step < 1'000 && !HasFailure(); ++step) {
    const int choice = random_.Below(400);
    Gateway& gateway = AnyGateway();
    if (choice == 0) KillReceiver();
    if (choice == 1) BreakStream(gateway);
    if (choice >= 2 && choice < 50) {
      // Others come and go.
      const PresenceHash hash = Hash(static_cast<uint64_t>(random_.Below(3)));
      const auto hold = gateway.held.find({Counter(0), hash});
      if (hold == gateway.held.end()) {
        gateway.session.Join(Counter(0), hash);
        gateway.held.insert({Counter(0), hash});
      } else {
        gateway.session.Leave(Counter(0), hash);
        gateway.held.erase(hold);
      }
    }
    Run(absl::Milliseconds(100));
    for (const auto& watching : gateways_) {
      ASSERT_GE(watching->shown.at(Counter(0)).present, kStaying) << "step " << step;
    }
  }
  Heal();
  CheckHealed();
}

INSTANTIATE_TEST_SUITE_P(Seeds, SessionPairTest, ::testing::Range<uint64_t>(1, 21));

}  // namespace
}  // namespace livecounter
