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
#include "core/counter_table.h"
#include "core/hits.h"
#include "core/holder_session.h"
#include "core/session_table.h"
#include "core/test_support.h"
#include "core/watch_table.h"
#include "gtest/gtest.h"

namespace livecounter {
namespace {

using test::At;
using test::Counter;
using test::Hash;
using test::Random;

constexpr int kCounters = 3;

// One bidirectional stream: what is on its way, and who has seen its end.
struct Stream {
  StreamId id = 0;
  std::deque<HolderFrame> up;
  std::deque<ReceiverFrame> down;
  bool holder_open = true;
  bool receiver_open = true;
  bool silent = false;  // delivers nothing, and does not break
};

// What survives a restart of counterd.
struct Disk {
  uint64_t epoch = 0;
  std::map<CounterId, int64_t> totals;
  std::map<std::pair<SenderId, CounterId>, SenderRecord> batches;
  std::map<std::pair<CounterId, std::string>, KeyRecord> keys;
  std::set<HolderId> sessions;
};

// counterd, as small as it can be.
class Receiver {
 public:
  Receiver(Disk* disk, absl::Time now)
      : disk_(disk),
        sessions_({}, {disk->sessions.begin(), disk->sessions.end()}, now),
        counters_(++disk->epoch) {}

  const SessionTable& sessions() const { return sessions_; }
  const CounterTable& counters() const { return counters_; }
  int64_t audit_mismatches() const { return audit_mismatches_; }

  void OnFrame(Stream& stream, const HolderFrame& frame, absl::Time now) {
    SessionTable::Effects effects;
    if (frame.hello) {
      Greet(stream, *frame.hello, now, &effects);
    } else if (sessions_.attached(stream.id)) {
      Watches(stream.id, frame, now);
      EXPECT_TRUE(sessions_.OnFrame(stream.id, frame, now, &effects).ok());
      Hits(stream.id, frame, now);
    }
    Carry(effects, now);
  }

  void OnClosed(StreamId stream) {
    sessions_.OnStreamClosed(stream);
    watches_.Drop(stream);
    outgoing_.erase(stream);
  }

  void Tick(absl::Time now) {
    SessionTable::Effects effects;
    sessions_.Tick(now, &effects);
    Carry(effects, now);
  }

  // What is to be written on a stream now, if anything; nothing after its end was decided.
  absl::optional<ReceiverFrame> TakeFrame(StreamId stream, absl::Time now) {
    Outgoing& outgoing = outgoing_[stream];
    if (!outgoing.first && !sessions_.attached(stream)) return absl::nullopt;
    ReceiverFrame frame = std::exchange(outgoing.frame, {});
    if (!frame.welcome) frame.changes = watches_.Take(stream, now, 2);
    if (frame.empty() && now < outgoing.sent + absl::Seconds(2)) return absl::nullopt;
    outgoing.sent = now;
    outgoing.first = false;
    return frame;
  }

  // Streams that are to be ended.
  std::vector<StreamId> TakeClosed() { return std::exchange(closed_, {}); }

  void WantResend(StreamId stream) {
    if (sessions_.attached(stream) && !outgoing_[stream].frame.welcome) {
      outgoing_[stream].frame.resend_wanted = true;
    }
  }

  void CheckInvariants() const {
    sessions_.CheckInvariants();
    counters_.CheckInvariants();
    watches_.CheckInvariants();
  }

 private:
  struct Outgoing {
    ReceiverFrame frame;
    absl::Time sent = absl::InfinitePast();
    bool first = false;  // the welcome is in `frame`
  };

  void Greet(Stream& stream, const Hello& hello, absl::Time now, SessionTable::Effects* effects) {
    disk_->sessions.insert(hello.holder);
    if (hello.highest_epoch > counters_.epoch()) {
      disk_->epoch = hello.highest_epoch + 1;
      for (const Change& change : counters_.RaiseEpoch(disk_->epoch, now)) Publish(change, now);
    }
    if (!sessions_.Attach(stream.id, hello, now, effects).ok()) {
      closed_.push_back(stream.id);
      return;
    }
    outgoing_[stream.id].frame.welcome = sessions_.MakeWelcome(counters_.epoch());
    outgoing_[stream.id].first = true;
  }

  void Load(const CounterId& counter) {
    if (counters_.Loaded(counter)) return;
    const auto total = disk_->totals.find(counter);
    counters_.Load(
        counter, total == disk_->totals.end() ? absl::nullopt : absl::make_optional(total->second),
        0);
  }

  void Watches(StreamId stream, const HolderFrame& frame, absl::Time now) {
    for (const WatchStart& watch : frame.watch) {
      Load(watch.counter);
      if (sessions_.recovering() && watch.floor) {
        Publish(counters_.RaiseFloor(watch.counter, *watch.floor, now), now);
      }
      watches_.Watch(stream, watch.counter);
      watches_.Answer(stream, counters_.Read(watch.counter), now);
    }
    for (const CounterId& counter : frame.unwatch) watches_.Unwatch(stream, counter);
  }

  void Hits(StreamId stream, const HolderFrame& frame, absl::Time now) {
    for (const HitBatch& batch : frame.hits) {
      const auto key = std::make_pair(batch.sender, batch.counter);
      HitAnswer answer;
      answer.sender = batch.sender;
      answer.counter = batch.counter;
      answer.number = batch.number;
      const auto decision =
          DecideHits(Find(disk_->batches, key), Find(disk_->totals, batch.counter), batch);
      answer.status = decision.status();
      if (decision.ok()) {
        disk_->batches[key] = {batch.number, decision->value_after};
        answer.value_after = decision->value_after;
        answer.version = Count(batch.counter, *decision, now);
      }
      outgoing_[stream].frame.hit_answers.push_back(answer);
    }
    for (const KeyedHitRequest& request : frame.keyed_hits) {
      const CounterId& counter = request.hit.counter;
      const auto key = std::make_pair(counter, request.hit.key);
      const auto decision =
          DecideKeyedHit(Find(disk_->keys, key), Find(disk_->totals, counter), 0, request.hit, now);
      HitOutcome outcome;
      outcome.ticket = request.ticket;
      outcome.status = decision.status();
      if (decision.ok()) {
        disk_->keys[key] = {request.hit.count, decision->value_after, absl::InfiniteFuture()};
        outcome.value = decision->value_after;
        outcome.version = Count(counter, *decision, now);
      }
      outgoing_[stream].frame.keyed_outcomes.push_back(outcome);
    }
  }

  template <typename Map>
  static absl::optional<typename Map::mapped_type> Find(const Map& map,
                                                        const typename Map::key_type& key) {
    const auto it = map.find(key);
    return it == map.end() ? absl::nullopt : absl::make_optional(it->second);
  }

  // The version at which a decided hit can be read.
  Version Count(const CounterId& counter, const HitDecision& decision, absl::Time now) {
    Load(counter);
    if (decision.applied) {
      disk_->totals[counter] = decision.value_after;
      Publish(counters_.SetHits(counter, decision.value_after, now), now);
    }
    return counters_.Read(counter).version;
  }

  void Publish(const absl::optional<Change>& change, absl::Time now) {
    if (change) watches_.Publish(*change, now);
  }

  void Carry(const SessionTable::Effects& effects, absl::Time now) {
    for (const PresenceDelta& delta : effects.presence) {
      for (PresenceHash hash : delta.joined) Publish(counters_.Join(delta.counter, hash, now), now);
      for (PresenceHash hash : delta.left) Publish(counters_.Leave(delta.counter, hash, now), now);
    }
    for (const auto& close : effects.close) closed_.push_back(close.stream);
    for (StreamId stream : effects.resend_wanted) WantResend(stream);
    for (HolderId holder : effects.ended) disk_->sessions.erase(holder);
    audit_mismatches_ += effects.audit_mismatches;
    if (effects.recovery_ended) {
      for (const Change& change : counters_.DropFloors(now)) Publish(change, now);
    }
  }

  Disk* disk_;
  SessionTable sessions_;
  CounterTable counters_;
  WatchTable watches_;
  std::map<StreamId, Outgoing> outgoing_;
  std::vector<StreamId> closed_;
  int64_t audit_mismatches_ = 0;
};

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
  for (int round = 0; round < 3 && !HasFailure(); ++round) {
    for (int step = 0; step < 800 && !HasFailure(); ++step) {
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
  for (int step = 0; step < 2'000 && !HasFailure(); ++step) {
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
