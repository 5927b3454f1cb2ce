// counterd as the tests of a session need it, and as small as it can be: the rules of its sessions,
// counters, watches and hits, over a disk that survives it.

#ifndef LIVECOUNTER_CORE_TEST_RECEIVER_H_
#define LIVECOUNTER_CORE_TEST_RECEIVER_H_

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/counter_table.h"
#include "core/hits.h"
#include "core/session.h"
#include "core/session_table.h"
#include "core/watch_table.h"
#include "gtest/gtest.h"

namespace livecounter::test {

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

}  // namespace livecounter::test

#endif  // LIVECOUNTER_CORE_TEST_RECEIVER_H_
