#include "services/counter/replica.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/canary.h"
#include "core/check.h"
#include "core/epoch.h"

namespace livecounter::counter {
namespace {

absl::Status Stopping() {
  return absl::UnavailableError("the counter service is stopping; come back in a moment");
}

}  // namespace

Replica::Replica(Options options, CounterEngine& engine, Post post, runtime::Clock& clock,
                 const observability::Logger& logger, observability::CounterdMetrics& metrics)
    : options_(options),
      engine_(engine),
      post_(std::move(post)),
      clock_(clock),
      logger_(logger),
      metrics_(metrics),
      sessions_(options.sessions, engine.SessionsAtOpen(), clock.Now()),
      watches_(engine),
      last_tick_(clock.Now()) {
  engine_.SetChangeSink([this](std::vector<Change> changes) {
    post_([this, changes = std::move(changes)] { Wake(watches_.Publish(changes, clock_.Now())); });
  });
}

Replica::~Replica() {
  CheckInvariant(streams_.empty(), "streams are closed before the replica goes");
}

void Replica::OpenSession(StreamId id, std::unique_ptr<ReplicaStream> stream) {
  Stream& added = Add(id, std::move(stream), Phase::kNew);
  if (draining_) return End(id, added, Stopping());
  Read(added);
}

void Replica::OpenWatch(StreamId id, std::unique_ptr<ReplicaStream> stream,
                        const std::vector<CounterId>& counters) {
  Stream& added = Add(id, std::move(stream), Phase::kWatching);
  if (draining_) return End(id, added, Stopping());
  const absl::Time now = clock_.Now();
  for (const CounterId& counter : counters) watches_.Start(id, counter, /*floor=*/0, now);
  dirty_.insert(id);
}

void Replica::OnFrame(StreamId id, HolderFrame frame) {
  Stream* stream = Find(id);
  if (stream == nullptr) return;
  stream->heard_at = clock_.Now();
  if (stream->phase == Phase::kAttached) {
    OnAttachedFrame(id, *stream, frame);
  } else if (frame.hello) {
    Greet(id, *stream, *frame.hello);
  } else {
    End(id, *stream, absl::InvalidArgumentError("the first frame of a stream takes a hello"));
  }
}

void Replica::OnBadFrame(StreamId id, const absl::Status& why) {
  if (Stream* stream = Find(id)) End(id, *stream, why);
}

void Replica::OnWritten(StreamId id) {
  const auto it = streams_.find(id);
  if (it == streams_.end()) return;
  it->second.outlet.OnWritten();
  held_up_.erase(id);
  dirty_.insert(id);
}

void Replica::OnDenied(StreamId id, const absl::Status& why) {
  if (Stream* stream = Find(id)) End(id, *stream, why);
}

void Replica::OnPeerGone(StreamId id) {
  Stream* stream = Find(id);
  if (stream != nullptr) End(id, *stream, absl::CancelledError("the peer ended the stream"));
}

void Replica::OnClosed(StreamId id) {
  if (Stream* stream = Find(id)) End(id, *stream, absl::CancelledError("the stream is closed"));
  streams_.erase(id);
  dirty_.erase(id);
  held_up_.erase(id);
}

absl::Time Replica::Turn(absl::Time now) {
  if (now >= next_tick_) Tick(now);
  const absl::Time totals_due = TellTotals(now);
  return std::min({next_tick_, totals_due, PumpAll(now)});
}

void Replica::Drain() {
  draining_ = true;
  for (auto& [id, stream] : streams_) End(id, stream, Stopping());
}

Replica::Stream* Replica::Find(StreamId id) {
  const auto it = streams_.find(id);
  return it == streams_.end() || it->second.phase == Phase::kOver ? nullptr : &it->second;
}

Replica::Stream& Replica::Add(StreamId id, std::unique_ptr<ReplicaStream> stream, Phase phase) {
  const absl::Time now = clock_.Now();
  Outlet outlet(options_.outlet, *stream, now);
  const auto it = streams_.try_emplace(
      id, Stream{std::move(stream), std::move(outlet), phase, HolderId(), now});
  return it.first->second;
}

void Replica::Read(Stream& stream) {
  stream.reading = stream.unanswered < options_.max_unanswered;
  if (stream.reading) stream.stream->Read();
}

void Replica::End(StreamId id, Stream& stream, const absl::Status& status) {
  dirty_.insert(id);
  stream.outlet.End(status);
  if (stream.phase == Phase::kAttached) {
    sessions_.OnStreamClosed(id);
    const auto newest = attached_.find(stream.holder);
    if (newest != attached_.end() && newest->second == id) totals_.OnStreamClosed(stream.holder);
  }
  stream.phase = Phase::kOver;
  watches_.Drop(id);
}

void Replica::Greet(StreamId id, Stream& stream, const Hello& hello) {
  stream.phase = Phase::kGreeting;
  stream.holder = hello.holder;
  stream.reading = false;  // until it is attached
  ++greeting_[hello.holder];
  // The record must be there before a share is: after a crash in between, this holder is waited
  // for. Who has a session is recorded, and may come back while nothing can be written.
  if (attached_.contains(hello.holder)) return OnRecorded(id, hello, absl::OkStatus());
  engine_.RecordSession(hello.holder, [this, id, hello](const absl::Status& recorded) {
    post_([this, id, hello, recorded] { OnRecorded(id, hello, recorded); });
  });
}

void Replica::OnRecorded(StreamId id, const Hello& hello, const absl::Status& recorded) {
  if (recorded.ok() && hello.highest_epoch > engine_.Epoch()) {
    RaiseEpoch(id, hello);
  } else if (recorded.ok()) {
    OnGreeted(id, hello, engine_.Epoch());
  } else {
    OnGreeted(id, hello, recorded);
  }
}

void Replica::RaiseEpoch(StreamId id, const Hello& hello) {
  logger_.Warning("epoch_raised", {{"from", engine_.Epoch()}, {"above", hello.highest_epoch}});
  engine_.RaiseEpochAbove(EpochToSurpass(hello.highest_epoch, hello.holder, hello.stream),
                          [this, id, hello](const absl::StatusOr<uint64_t>& epoch) {
                            post_([this, id, hello, epoch] { OnGreeted(id, hello, epoch); });
                          });
}

void Replica::OnGreeted(StreamId id, const Hello& hello, const absl::StatusOr<uint64_t>& epoch) {
  if (--greeting_[hello.holder] == 0) greeting_.erase(hello.holder);
  Stream* stream = Find(id);
  if (stream != nullptr && epoch.ok()) {
    Attach(id, *stream, hello, *epoch);
  } else if (stream != nullptr) {
    End(id, *stream,
        absl::UnavailableError(
            absl::StrCat("the session could not be recorded: ", epoch.status().message())));
  }
  ForgetSession(hello.holder);
}

void Replica::Attach(StreamId id, Stream& stream, const Hello& hello, uint64_t epoch) {
  SessionTable::Effects effects;
  const absl::Status attached = sessions_.Attach(id, hello, clock_.Now(), &effects);
  if (attached.ok()) {
    attached_[hello.holder] = id;
    totals_.OnAttached(hello.holder);
    stream.phase = Phase::kAttached;
    stream.outlet.Add(sessions_.MakeWelcome(epoch));
    dirty_.insert(id);
    Read(stream);
    logger_.Info("session_attached", {{"holder", hello.holder.ToHex()}, {"stream", hello.stream}});
  } else {
    End(id, stream, attached);
  }
  CarryOut(std::move(effects));
}

void Replica::OnAttachedFrame(StreamId id, Stream& stream, const HolderFrame& frame) {
  const bool recovering = sessions_.recovering();  // also when this frame ends it
  SessionTable::Effects effects;
  const absl::Status status = sessions_.OnFrame(id, frame, clock_.Now(), &effects);
  if (status.ok()) {
    ApplyWatches(id, frame, recovering);  // floors before the presence and its publication
    ApplyHits(id, stream, frame);
    totals_.OnFrame(stream.holder, frame);
    if (frame.audit) metrics_.CountAudits(1 - effects.audit_mismatches, effects.audit_mismatches);
    if (frame.usage) {
      ++stream.unanswered;
      CountUsage(id, stream.holder, *frame.usage);
    }
    Read(stream);
  } else {
    End(id, stream, status);
  }
  CarryOut(std::move(effects));
}

void Replica::ApplyWatches(StreamId id, const HolderFrame& frame, bool recovering) {
  const absl::Time now = clock_.Now();
  for (const WatchStart& watch : frame.watch) {
    const int64_t floor = recovering ? watch.floor.value_or(0) : 0;
    if (floor > 0) engine_.RaiseFloor(watch.counter, floor);
    if (watches_.Start(id, watch.counter, floor, now)) dirty_.insert(id);
  }
  for (const CounterId& counter : frame.unwatch) watches_.Stop(id, counter);
}

void Replica::ApplyHits(StreamId id, Stream& stream, const HolderFrame& frame) {
  stream.unanswered += frame.hits.size() + frame.keyed_hits.size();
  for (const HitBatch& batch : frame.hits) {
    HitAnswer answer{batch.sender, batch.counter, batch.number, absl::OkStatus(), 0, {}};
    engine_.Hit(batch, [this, id, answer](const absl::StatusOr<HitResult>& result) mutable {
      answer.status = result.status();
      if (result.ok()) answer.value_after = result->value_after;
      if (result.ok()) answer.version = result->version;
      post_([this, id, answer = std::move(answer)]() mutable { OnAnswer(id, std::move(answer)); });
    });
  }
  for (const KeyedHitRequest& request : frame.keyed_hits) {
    HitOutcome outcome{request.ticket, absl::OkStatus(), 0, {}};
    engine_.HitOnce(request.hit,
                    [this, id, outcome](const absl::StatusOr<HitResult>& result) mutable {
                      outcome.status = result.status();
                      if (result.ok()) outcome.value = result->value_after;
                      if (result.ok()) outcome.version = result->version;
                      post_([this, id, outcome = std::move(outcome)]() mutable {
                        OnAnswer(id, std::move(outcome));
                      });
                    });
  }
}

template <typename Answer>
void Replica::OnAnswer(StreamId id, Answer answer) {
  const auto it = streams_.find(id);
  if (it == streams_.end()) return;
  Stream& stream = it->second;
  stream.outlet.Add(std::move(answer));
  Answered(id, stream);
}

void Replica::Answered(StreamId id, Stream& stream) {
  dirty_.insert(id);
  --stream.unanswered;
  const bool may_read = stream.unanswered <= options_.max_unanswered / 2;
  if (!stream.reading && may_read && stream.phase == Phase::kAttached) Read(stream);
}

void Replica::CarryOut(SessionTable::Effects effects) {
  if (!effects.presence.empty()) engine_.UpdatePresence(std::move(effects.presence));
  for (const SessionTable::Effects::Close& close : effects.close) {
    if (Stream* stream = Find(close.stream)) End(close.stream, *stream, close.reason);
  }
  for (StreamId id : effects.resend_wanted) {
    if (Stream* stream = Find(id)) stream->outlet.WantResend();
    dirty_.insert(id);
  }
  for (HolderId holder : effects.ended) {
    attached_.erase(holder);
    totals_.Remove(holder);
    logger_.Info("session_ended", {{"holder", holder.ToHex()}});
    ForgetSession(holder);
  }
  if (effects.audit_mismatches > 0) {
    logger_.Warning("presence_audit_mismatch", {{"count", effects.audit_mismatches}});
  }
  if (effects.recovery_ended) EndRecovery();
}

void Replica::EndRecovery() {
  engine_.EndRecovery();
  for (const CounterId& counter : watches_.BelowFloors()) {
    engine_.Read(counter, [this, counter](const absl::StatusOr<Change>& read) {
      absl::optional<Change> change;
      if (read.ok()) change = *read;
      post_([this, counter, change] { Wake(watches_.DropFloors(counter, change, clock_.Now())); });
    });
  }
  logger_.Info("recovery_ended");
}

void Replica::ForgetSession(HolderId holder) {
  if (!attached_.contains(holder) && !greeting_.contains(holder)) engine_.ForgetSession(holder);
}

void Replica::Tick(absl::Time now) {
  next_tick_ = now + options_.sessions.stall / 8;
  SessionTable::Effects effects;
  EndSilentStreams(now, &effects);
  last_tick_ = now;
  sessions_.Tick(now, &effects);
  CarryOut(std::move(effects));
  RetryUsage();
  MoveCanary(now);
  for (auto& [id, stream] : streams_) {
    stream.outlet.BreakIfStuck(now);
    const bool keep_alive = stream.phase == Phase::kAttached;
    if (keep_alive) stream.outlet.KeepAlive(options_.sessions.keep_alive / 2, now);
  }
  metrics_.sessions().Set(static_cast<double>(sessions_.sessions()));
  metrics_.present().Set(static_cast<double>(sessions_.present().size()));
  metrics_.recovering().Set(sessions_.recovering() ? 1 : 0);
}

// By way of the engine: one that does not answer moves no number, and not this one either.
void Replica::MoveCanary(absl::Time now) {
  if (now < next_canary_ || canary_moves_ || !watches_.watched(CanaryId())) return;
  next_canary_ = now + kCanaryInterval;
  canary_moves_ = true;
  engine_.Read(CanaryId(), [this, now](const absl::StatusOr<Change>& read) {
    absl::optional<Change> change;
    if (read.ok()) change = CanaryChange(engine_.Epoch(), now);
    post_([this, change] {
      canary_moves_ = false;
      if (change) Wake(watches_.Publish({*change}, clock_.Now()));
    });
  });
}

ReplicaStatus Replica::Status() const {
  ReplicaStatus status;
  status.recovering = sessions_.recovering();
  status.present = sessions_.present().size();
  status.audit_mismatches = static_cast<int64_t>(metrics_.audit_mismatch().Value());
  for (const SessionTable::SessionView& view : sessions_.Views()) {
    status.sessions.push_back({.view = view, .connections = totals_.Held(view.holder)});
  }
  return status;
}

void Replica::EndSilentStreams(absl::Time now, SessionTable::Effects* effects) {
  const bool stalled = now < last_tick_ || now - last_tick_ > options_.sessions.stall;
  for (auto& [id, stream] : streams_) {
    if (stream.phase == Phase::kWatching || stream.phase == Phase::kOver) continue;
    if (!stream.reading && stream.phase == Phase::kAttached) {
      // Not silent: not read. As if it had said that it is alive.
      sessions_.OnFrame(id, HolderFrame(), now, effects).IgnoreError();
    }
    if (stalled || !stream.reading) stream.heard_at = now;
    if (now - stream.heard_at <= options_.sessions.lease / 2) continue;
    End(id, stream,
        absl::UnavailableError(
            absl::StrCat("nothing was heard for ", absl::FormatDuration(now - stream.heard_at))));
  }
}

absl::Time Replica::PumpAll(absl::Time now) {
  absl::Time wake = absl::InfiniteFuture();
  for (StreamId id : std::exchange(dirty_, {})) {
    const absl::Time due = Pump(id, now);
    if (due != absl::InfiniteFuture()) dirty_.insert(id);
    wake = std::min(wake, due);
  }
  return wake;
}

absl::Time Replica::Pump(StreamId id, absl::Time now) {
  const auto it = streams_.find(id);
  if (it == streams_.end()) return absl::InfiniteFuture();
  Stream& stream = it->second;
  // A client's first message holds all that it watches.
  const bool may_begin = stream.phase != Phase::kWatching || watches_.Answered(id);
  const absl::Time due =
      stream.outlet.Pump(now, may_begin && watches_.HasPending(id),
                         [&](size_t limit) { return watches_.Take(id, now, limit); });
  if (stream.outlet.held_up()) held_up_.insert(id);
  return due;
}

void Replica::CheckInvariants() const {
  sessions_.CheckInvariants();
  totals_.CheckInvariants();
  watches_.CheckInvariants();
  for (const auto& [id, stream] : streams_) {
    CheckInvariant(stream.unanswered >= 0, "no hit is answered twice");
    CheckInvariant(stream.phase != Phase::kAttached || attached_.contains(stream.holder),
                   "an attached stream has a session");
  }
}

}  // namespace livecounter::counter
