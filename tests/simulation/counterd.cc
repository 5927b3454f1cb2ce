#include "tests/simulation/counterd.h"

#include <algorithm>
#include <utility>

#include "core/epoch.h"
#include "core/usage_log.h"

namespace livecounter::simulation {
namespace {

constexpr absl::Duration kTick = absl::Milliseconds(250);
constexpr absl::Duration kKeepAlive = absl::Seconds(2);
constexpr size_t kFlushLimit = 64;

std::vector<HolderId> Expected(const Image& image) {
  return {image.sessions.begin(), image.sessions.end()};
}

SessionTable::Options TableOptions(Bug bug) {
  SessionTable::Options options;
  if (bug == Bug::kNeverExpires) options.lease = absl::Hours(24);
  return options;
}

absl::optional<SenderRecord> Find(const Image& image, const HitBatch& batch) {
  auto it = image.senders.find({batch.sender, batch.counter});
  if (it == image.senders.end()) return absl::nullopt;
  return it->second;
}

absl::optional<KeyRecord> Find(const Image& image, const KeyedHit& hit) {
  auto it = image.keys.find({hit.counter, hit.key});
  if (it == image.keys.end()) return absl::nullopt;
  return it->second;
}

absl::optional<int64_t> TotalOf(const Image& image, const CounterId& counter) {
  auto it = image.totals.find(counter);
  if (it == image.totals.end()) return absl::nullopt;
  return it->second;
}

uint64_t EpochAbove(const Hello& hello) {
  return EpochToSurpass(hello.highest_epoch, hello.holder, hello.stream) + 1;
}

}  // namespace

Counterd::Life::Life(Scheduler* scheduler, const Image& image, uint64_t epoch, Bug bug)
    : sessions(TableOptions(bug), Expected(image), scheduler->now()), counters(epoch) {}

Counterd::Counterd(Scheduler* scheduler, Disk* disk, Bug bug)
    : scheduler_(scheduler), disk_(disk), bug_(bug) {}

void Counterd::Start(absl::Duration clock_error) {
  const uint64_t stored = disk_->durable().epoch;
  const uint64_t next = NextEpoch(stored, scheduler_->now() + clock_error, scheduler_->random()());
  const uint64_t epoch = bug_ == Bug::kKeepsEpoch ? std::max<uint64_t>(stored, 1) : next;
  disk_->mutable_durable()->epoch = epoch;
  life_ = std::make_shared<Life>(scheduler_, disk_->durable(), epoch, bug_);
  Tick();
}

void Counterd::Kill() {
  auto life = std::exchange(life_, nullptr);
  disk_->Crash();
  for (auto& [id, attached] : life->streams) {
    attached.stream->counterd_closed = nullptr;
    Stream::Break(scheduler_, attached.stream,
                  scheduler_->Between(absl::ZeroDuration(), absl::Milliseconds(20)),
                  absl::ZeroDuration());
  }
}

void Counterd::StallUntil(absl::Time until) {
  life_->stalled_until = std::max(life_->stalled_until, until);
}

void Counterd::InThisLife(std::function<void()> event) {
  if (scheduler_->now() >= life_->stalled_until) return event();
  scheduler_->At(life_->stalled_until,
                 [this, life = std::weak_ptr<Life>(life_), event = std::move(event)] {
                   if (life_ && life.lock() == life_) event();
                 });
}

void Counterd::Later(absl::Duration delay, std::function<void()> event) {
  scheduler_->After(delay, [this, life = std::weak_ptr<Life>(life_), event = std::move(event)] {
    if (life_ && life.lock() == life_) InThisLife(event);
  });
}

void Counterd::Tick() {
  SessionTable::Effects effects;
  life_->sessions.Tick(scheduler_->now(), &effects);
  CarryOut(effects);
  TellTotals();
  for (auto& [id, attached] : life_->streams) {
    const bool quiet = scheduler_->now() - attached.last_flush >= kKeepAlive;
    if (attached.welcomed && quiet) PlanFlush(id, false);
  }
  Later(kTick, [this] { Tick(); });
}

void Counterd::Accept(std::shared_ptr<Stream> stream) {
  const StreamId id = stream->id;
  life_->streams[id].stream = stream;
  stream->up->deliver = [this, id, life = std::weak_ptr<Life>(life_)](HolderFrame frame) {
    if (!life_ || life.lock() != life_) return;
    InThisLife([this, id, frame = std::move(frame)] { OnFrame(id, frame); });
  };
  stream->counterd_closed = [this, id, life = std::weak_ptr<Life>(life_)] {
    if (!life_ || life.lock() != life_) return;
    InThisLife([this, id] { OnStreamClosed(id); });
  };
}

void Counterd::OnFrame(StreamId id, HolderFrame frame) {
  if (!life_->streams.contains(id)) return;
  if (frame.hello) return OnHello(id, *frame.hello);
  SessionTable::Effects effects;
  for (const WatchStart& watch : frame.watch) OnWatch(id, watch);
  for (const CounterId& counter : frame.unwatch) life_->watches.Unwatch(id, counter);
  if (bug_ == Bug::kLosesLeaves) {
    for (PresenceDelta& delta : frame.presence) delta.left.clear();
    frame.audit.reset();
  }
  if (life_->sessions.OnFrame(id, frame, scheduler_->now(), &effects).ok()) {
    life_->totals.OnFrame(life_->streams.at(id).holder, frame);
    if (frame.usage) OnUsage(id, *frame.usage);
  } else {
    CloseStream(id);
  }
  CarryOut(effects);
  for (const HitBatch& batch : frame.hits) OnHits(id, batch);
  for (const KeyedHitRequest& request : frame.keyed_hits) OnKeyedHit(id, request);
}

void Counterd::OnHello(StreamId id, const Hello& hello) {
  const bool raise = hello.highest_epoch > life_->counters.epoch();
  if (disk_->durable().sessions.contains(hello.holder) && !raise) return Admit(id, hello);
  Persist(
      [hello, raise](Image* image) {
        image->sessions.insert(hello.holder);
        if (raise) image->epoch = std::max(image->epoch, EpochAbove(hello));
      },
      [this, id, hello] { Admit(id, hello); });
}

void Counterd::Admit(StreamId id, const Hello& hello) {
  if (bug_ != Bug::kKeepsEpoch && hello.highest_epoch > life_->counters.epoch()) {
    for (const Change& change : life_->counters.RaiseEpoch(EpochAbove(hello), scheduler_->now())) {
      Publish(change);
    }
  }
  auto attached = life_->streams.find(id);
  if (attached == life_->streams.end()) return;
  SessionTable::Effects effects;
  const absl::Status status = life_->sessions.Attach(id, hello, scheduler_->now(), &effects);
  CarryOut(effects);
  if (!status.ok()) return CloseStream(id);
  ReceiverFrame welcome;
  welcome.welcome = life_->sessions.MakeWelcome(life_->counters.epoch());
  attached->second.welcomed = true;
  attached->second.holder = hello.holder;
  life_->newest[hello.holder] = id;
  life_->totals.OnAttached(hello.holder);
  Pipe<ReceiverFrame>::Send(attached->second.stream->down, std::move(welcome));
}

void Counterd::OnWatch(StreamId id, const WatchStart& watch) {
  Load(watch.counter);
  if (watch.floor && bug_ != Bug::kIgnoresFloors && life_->sessions.recovering()) {
    Publish(life_->counters.RaiseFloor(watch.counter, *watch.floor, scheduler_->now()));
  }
  life_->watches.Watch(id, watch.counter);
  life_->watches.Answer(id, life_->counters.Read(watch.counter), scheduler_->now());
  PlanFlush(id, true);
}

void Counterd::OnHits(StreamId id, const HitBatch& batch) {
  auto answer = std::make_shared<HitAnswer>();
  answer->sender = batch.sender;
  answer->counter = batch.counter;
  answer->number = batch.number;
  auto reply = [this, id, answer] {
    auto attached = life_->streams.find(id);
    if (attached == life_->streams.end()) return;
    attached->second.out.hit_answers.push_back(*answer);
    PlanFlush(id, true);
  };
  auto decide = [this, batch, answer](Image* image) {
    auto decision = DecideHits(Find(*image, batch), TotalOf(*image, batch.counter), batch);
    answer->status = decision.status();
    if (!decision.ok()) return;
    answer->value_after = decision->value_after;
    if (!decision->applied) return;
    image->totals[batch.counter] = decision->value_after;
    if (bug_ != Bug::kForgetsSenders) {
      image->senders[{batch.sender, batch.counter}] = {batch.number, decision->value_after};
    }
  };
  auto show = [this, batch, answer, reply] {
    Load(batch.counter);
    Publish(life_->counters.SetHits(batch.counter, TotalOf(disk_->durable(), batch.counter),
                                    scheduler_->now()));
    answer->version = life_->counters.Read(batch.counter).version;
    if (bug_ != Bug::kAnswersBeforeDurable) reply();
  };
  auto write = [this, decide, reply](Image* image) {
    decide(image);
    if (bug_ == Bug::kAnswersBeforeDurable) reply();
  };
  Persist(write, show);
}

void Counterd::OnKeyedHit(StreamId id, const KeyedHitRequest& request) {
  auto outcome = std::make_shared<HitOutcome>();
  outcome->ticket = request.ticket;
  const KeyedHit hit = request.hit;
  Persist(
      [this, hit, outcome](Image* image) {
        const absl::Time now = scheduler_->now();
        auto decision = DecideKeyedHit(Find(*image, hit), TotalOf(*image, hit.counter),
                                       static_cast<int64_t>(image->keys.size()), hit, now);
        outcome->status = decision.status();
        if (!decision.ok()) return;
        outcome->value = decision->value_after;
        if (!decision->applied) return;
        image->totals[hit.counter] = decision->value_after;
        image->keys[{hit.counter, hit.key}] = {hit.count, decision->value_after,
                                               now + kRecordLifetime};
      },
      [this, id, hit, outcome] {
        Load(hit.counter);
        Publish(life_->counters.SetHits(hit.counter, TotalOf(disk_->durable(), hit.counter),
                                        scheduler_->now()));
        outcome->version = life_->counters.Read(hit.counter).version;
        auto attached = life_->streams.find(id);
        if (attached == life_->streams.end()) return;
        attached->second.out.keyed_outcomes.push_back(*outcome);
        PlanFlush(id, true);
      });
}

void Counterd::OnUsage(StreamId id, const UsageBatch& batch) {
  const HolderId holder = batch.holder.value_or(life_->streams.at(id).holder);
  auto reply = [this, id, number = batch.number] {
    auto attached = life_->streams.find(id);
    if (attached == life_->streams.end()) return;
    uint64_t& counted = attached->second.out.usage_counted;
    counted = std::max(counted, number);
    PlanFlush(id, false);
  };
  auto count = [this, holder, batch](Image* image) {
    UsageRecord& record = image->usage[holder];
    const auto counts = UsageCounts(record.number, batch);
    if (!counts.ok() || !*counts) return;
    for (const UsageEntry& entry : batch.entries) record.connections += entry.connections;
    if (bug_ != Bug::kForgetsUsageNumbers) record.number = batch.number;
  };
  if (bug_ == Bug::kBillsLater) {
    reply();
    return Later(absl::Seconds(2), [this, count] { Persist(count, [] {}); });
  }
  Persist(count, reply);
}

void Counterd::OnStreamClosed(StreamId id) {
  if (!life_->streams.contains(id)) return;
  if (bug_ == Bug::kDropsShareWithStream) {
    HolderFrame detach;
    detach.detach = absl::ZeroDuration();
    SessionTable::Effects effects;
    life_->sessions.OnFrame(id, detach, scheduler_->now(), &effects).IgnoreError();
    CarryOut(effects);
  }
  DropStream(id);
}

void Counterd::CloseStream(StreamId id) {
  auto attached = life_->streams.find(id);
  if (attached == life_->streams.end()) return;
  auto stream = attached->second.stream;
  stream->counterd_closed = nullptr;
  Stream::Break(scheduler_, stream,
                scheduler_->Between(absl::ZeroDuration(), absl::Milliseconds(20)),
                absl::ZeroDuration());
  DropStream(id);
}

void Counterd::DropStream(StreamId id) {
  auto attached = life_->streams.find(id);
  if (attached == life_->streams.end()) return;
  const HolderId holder = attached->second.holder;
  life_->streams.erase(attached);
  life_->watches.Drop(id);
  life_->sessions.OnStreamClosed(id);
  auto newest = life_->newest.find(holder);
  if (newest != life_->newest.end() && newest->second == id) life_->totals.OnStreamClosed(holder);
}

void Counterd::TellTotals() {
  const auto waiting = life_->totals.waiting();
  for (HolderId holder : waiting) {
    const StreamId id = life_->newest.at(holder);
    for (ProductConnections& total : life_->totals.Take(holder, kFlushLimit)) {
      life_->streams.at(id).out.connection_totals.push_back(std::move(total));
    }
    PlanFlush(id, false);
  }
}

void Counterd::CarryOut(const SessionTable::Effects& effects) {
  for (const PresenceDelta& delta : effects.presence) {
    Load(delta.counter);
    for (PresenceHash hash : delta.joined) {
      Publish(life_->counters.Join(delta.counter, hash, scheduler_->now()));
    }
    for (PresenceHash hash : delta.left) {
      Publish(life_->counters.Leave(delta.counter, hash, scheduler_->now()));
    }
  }
  for (const auto& close : effects.close) CloseStream(close.stream);
  for (StreamId id : effects.resend_wanted) {
    auto attached = life_->streams.find(id);
    if (attached == life_->streams.end()) continue;
    attached->second.out.resend_wanted = true;
    PlanFlush(id, true);
  }
  for (HolderId holder : effects.ended) {
    life_->newest.erase(holder);
    if (bug_ != Bug::kKeepsConnections) life_->totals.Remove(holder);
    Persist([holder](Image* image) { image->sessions.erase(holder); }, [] {});
  }
  if (effects.recovery_ended) {
    for (const Change& change : life_->counters.DropFloors(scheduler_->now())) Publish(change);
  }
}

void Counterd::Load(const CounterId& counter) {
  if (life_->counters.Loaded(counter)) return;
  life_->counters.Load(counter, TotalOf(disk_->durable(), counter), 0);
}

void Counterd::Publish(const absl::optional<Change>& change) {
  if (!change) return;
  for (StreamId id : life_->watches.Publish(*change, scheduler_->now())) PlanFlush(id, false);
}

void Counterd::Persist(std::function<void(Image*)> apply, std::function<void()> done) {
  life_->queue.push_back({std::move(apply), std::move(done)});
  Commit();
}

void Counterd::Commit() {
  if (disk_->writing() || life_->queue.empty()) return;
  auto batch = std::make_shared<std::vector<Write>>(std::exchange(life_->queue, {}));
  Image next = disk_->durable();
  for (const Write& write : *batch) write.apply(&next);
  disk_->Write(std::move(next), [this, batch, life = std::weak_ptr<Life>(life_)] {
    if (!life_ || life.lock() != life_) return;
    InThisLife([this, batch] {
      for (const Write& write : *batch) write.done();
      Commit();
    });
  });
}

void Counterd::PlanFlush(StreamId id, bool urgent) {
  Attached& attached = life_->streams.at(id);
  if (attached.flush_planned) return;
  attached.flush_planned = true;
  Later(urgent ? absl::ZeroDuration() : absl::Milliseconds(5), [this, id] { Flush(id); });
}

void Counterd::Flush(StreamId id) {
  auto it = life_->streams.find(id);
  if (it == life_->streams.end()) return;
  Attached& attached = it->second;
  attached.flush_planned = false;
  attached.last_flush = scheduler_->now();
  ReceiverFrame frame = std::exchange(attached.out, {});
  frame.changes = life_->watches.Take(id, scheduler_->now(), kFlushLimit);
  Pipe<ReceiverFrame>::Send(attached.stream->down, std::move(frame));
  if (life_->watches.HasPending(id)) PlanFlush(id, false);
}

int64_t Counterd::Hits(const CounterId& counter) const {
  return TotalOf(disk_->durable(), counter).value_or(0);
}

void Counterd::CheckInvariants() const {
  life_->sessions.CheckInvariants();
  life_->counters.CheckInvariants();
  life_->watches.CheckInvariants();
  life_->totals.CheckInvariants();
}

}  // namespace livecounter::simulation
