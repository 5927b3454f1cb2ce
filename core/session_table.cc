#include "core/session_table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/check.h"

namespace livecounter {
namespace {

// Adds to a share that holds each hash once. True when it was not there.
bool AddOnce(const CounterId& counter, PresenceHash hash, Share* share) {
  if (share->Add(counter, hash)) return true;
  share->Remove(counter, hash);
  return false;
}

}  // namespace

bool SessionTable::Effects::empty() const {
  return presence.empty() && close.empty() && resend_wanted.empty() && ended.empty() &&
         audit_mismatches == 0 && !recovery_ended;
}

SessionTable::SessionTable(Options options, std::vector<HolderId> expected, absl::Time now)
    : options_(options),
      expected_(expected.begin(), expected.end()),
      recovery_ends_at_(now + options.recovery_limit),
      last_tick_(now) {}

Welcome SessionTable::MakeWelcome(uint64_t epoch) const {
  return {.epoch = epoch, .lease = options_.lease, .keep_alive = options_.keep_alive};
}

// --- Streams. ---

absl::Status SessionTable::Attach(StreamId stream, const Hello& hello, absl::Time now,
                                  Effects* effects) {
  if (attached(stream) || closing_.contains(stream)) {
    return absl::InvalidArgumentError("a second hello on one stream; it comes once, first");
  }
  const auto [it, fresh] = sessions_.try_emplace(hello.holder);
  Session& session = it->second;
  if (!fresh && hello.stream <= session.stream_number) {
    return absl::AbortedError(absl::StrCat("stream ", session.stream_number,
                                           " of this holder is here already; stream ", hello.stream,
                                           " is older"));
  }
  CloseStream(&session, absl::AbortedError("a newer stream of this holder took over"), effects);
  session.stream = stream;
  session.stream_number = hello.stream;
  session.linger.reset();
  streams_[stream] = hello.holder;
  Renew(now, &session);
  return absl::OkStatus();
}

void SessionTable::CloseStream(Session* session, absl::Status reason, Effects* effects) {
  session->resend.reset();
  if (!session->stream) return;
  effects->close.push_back({.stream = *session->stream, .reason = std::move(reason)});
  closing_.insert(*session->stream);
  streams_.erase(*session->stream);
  session->stream.reset();
}

void SessionTable::OnStreamClosed(StreamId stream) {
  closing_.erase(stream);
  const auto it = streams_.find(stream);
  if (it == streams_.end()) return;
  Session& session = sessions_.at(it->second);
  session.stream.reset();
  session.resend.reset();
  streams_.erase(it);
}

SessionTable::SessionView::State SessionTable::StateOf(const Session& session) {
  using State = SessionView::State;
  if (session.linger) return State::kDetached;
  if (!session.stream) return State::kLost;
  return session.resend ? State::kResending : State::kAttached;
}

std::vector<SessionTable::SessionView> SessionTable::Views() const {
  std::vector<SessionView> views;
  views.reserve(sessions_.size());
  for (const auto& [holder, session] : sessions_) {
    views.push_back({.holder = holder,
                     .stream = session.stream_number,
                     .state = StateOf(session),
                     .present = session.share.size(),
                     .expires_at = session.expires_at});
  }
  return views;
}

// --- Frames. ---

absl::Status SessionTable::OnFrame(StreamId stream, const HolderFrame& frame, absl::Time now,
                                   Effects* effects) {
  if (closing_.contains(stream)) return absl::OkStatus();
  const auto it = streams_.find(stream);
  if (it == streams_.end()) {
    return absl::InvalidArgumentError("the first frame of a stream must be its hello");
  }
  const HolderId holder = it->second;
  Session& session = sessions_.at(holder);
  if (absl::Status status = CheckFrame(session, frame); !status.ok()) return status;

  Renew(now, &session);
  PresenceEdges edges;
  if (frame.resend_begin) session.resend.emplace();
  ApplyPresence(frame, &session, &edges);
  if (frame.resend_end) FinishResend(&session, &edges);
  if (frame.audit) Audit(*frame.audit, session, effects);
  if (frame.detach) Detach(*frame.detach, now, &session, effects);
  Tell(&edges, effects);
  if (frame.resend_end || frame.detach) Answered(holder, effects);
  return absl::OkStatus();
}

absl::Status SessionTable::CheckFrame(const Session& session, const HolderFrame& frame) {
  if (frame.hello) {
    return absl::InvalidArgumentError("a second hello on one stream; it comes once, first");
  }
  const bool resending = session.resend || frame.resend_begin;
  if (frame.resend_end && !resending) {
    return absl::InvalidArgumentError("resend_end without a resend_begin before it");
  }
  for (const PresenceDelta& delta : frame.presence) {
    if (resending && !delta.left.empty()) {
      return absl::InvalidArgumentError(
          "a resend says what is held; presence that left comes after resend_end");
    }
  }
  return absl::OkStatus();
}

void SessionTable::ApplyPresence(const HolderFrame& frame, Session* session, PresenceEdges* edges) {
  Share& share = session->resend ? *session->resend : session->share;
  const bool visible = !session->resend;
  for (const auto& [counter, joined, left] : frame.presence) {
    for (PresenceHash hash : joined) {
      if (AddOnce(counter, hash, &share) && visible && union_.Add(counter, hash)) {
        edges->Joined(counter, hash);
      }
    }
    for (PresenceHash hash : left) {
      if (share.Remove(counter, hash) && union_.Remove(counter, hash)) edges->Left(counter, hash);
    }
  }
}

void SessionTable::FinishResend(Session* session, PresenceEdges* edges) {
  const Share old = std::exchange(session->share, *std::exchange(session->resend, absl::nullopt));
  // The new one comes before the old one goes: what is in both makes no edge.
  session->share.ForEach([&](const CounterId& counter, const PresenceSet& set) {
    set.ForEach([&](PresenceHash hash) {
      if (union_.Add(counter, hash)) edges->Joined(counter, hash);
    });
  });
  RemoveShare(old, edges);
}

void SessionTable::RemoveShare(const Share& share, PresenceEdges* edges) {
  share.ForEach([&](const CounterId& counter, const PresenceSet& set) {
    set.ForEach([&](PresenceHash hash) {
      if (union_.Remove(counter, hash)) edges->Left(counter, hash);
    });
  });
}

void SessionTable::Audit(const ShareDigest& told, const Session& session, Effects* effects) const {
  if (session.resend || told == session.share.digest()) return;
  ++effects->audit_mismatches;
  effects->resend_wanted.push_back(*session.stream);
}

void SessionTable::Detach(absl::Duration linger, absl::Time now, Session* session,
                          Effects* effects) {
  CloseStream(session, absl::OkStatus(), effects);
  session->linger = std::clamp(linger, absl::ZeroDuration(), options_.max_linger);
  Renew(now, session);
}

// --- Time. ---

void SessionTable::Renew(absl::Time now, Session* session) const {
  session->expires_at = now + session->linger.value_or(options_.lease);
}

void SessionTable::Tick(absl::Time now, Effects* effects) {
  if (now - last_tick_ > options_.stall) {
    for (auto& [holder, session] : sessions_) Renew(now, &session);
  }
  last_tick_ = std::max(last_tick_, now);
  ExpireSessions(now, effects);
  if (recovering_ && (expected_.empty() || now >= recovery_ends_at_)) EndRecovery(effects);
}

void SessionTable::ExpireSessions(absl::Time now, Effects* effects) {
  PresenceEdges edges;
  for (auto it = sessions_.begin(); it != sessions_.end();) {
    Session& session = it->second;
    if (session.expires_at > now) {
      ++it;
      continue;
    }
    CloseStream(&session,
                absl::DeadlineExceededError(absl::StrCat(
                    "nothing was heard for ", absl::FormatDuration(options_.lease), ", the lease")),
                effects);
    RemoveShare(session.share, &edges);
    effects->ended.push_back(it->first);
    expected_.erase(it->first);
    it = sessions_.erase(it);
  }
  Tell(&edges, effects);
}

void SessionTable::Tell(PresenceEdges* edges, Effects* effects) {
  for (PresenceDelta& delta : edges->Take()) {
    if (!expected_.empty()) Withhold(&delta);
    if (delta.joined.empty() && delta.left.empty()) continue;
    effects->presence.push_back(std::move(delta));
  }
}

// --- Recovering. ---

void SessionTable::Withhold(PresenceDelta* delta) {
  for (PresenceHash hash : std::exchange(delta->left, {})) withheld_.Add(delta->counter, hash);
  const auto is_back = [&](PresenceHash hash) { return withheld_.Remove(delta->counter, hash); };
  delta->joined.erase(std::remove_if(delta->joined.begin(), delta->joined.end(), is_back),
                      delta->joined.end());
}

void SessionTable::Answered(HolderId holder, Effects* effects) {
  expected_.erase(holder);
  if (recovering_ && expected_.empty()) EndRecovery(effects);
}

void SessionTable::EndRecovery(Effects* effects) {
  recovering_ = false;
  effects->recovery_ended = true;
  for (HolderId holder : std::exchange(expected_, {})) {
    if (!sessions_.contains(holder)) effects->ended.push_back(holder);
  }
  PresenceEdges edges;
  const Share withheld = std::exchange(withheld_, Share());
  withheld.ForEach([&](const CounterId& counter, const PresenceSet& set) {
    set.ForEach([&](PresenceHash hash) { edges.Left(counter, hash); });
  });
  Tell(&edges, effects);
}

void SessionTable::CheckInvariants() const {
  Share all;
  size_t streams = 0;
  for (const auto& [holder, session] : sessions_) {
    const bool streaming = session.stream.has_value();
    CheckInvariant(Implies(streaming, !session.linger), "a detached session has no stream");
    CheckInvariant(Implies(!streaming, !session.resend), "a resend comes by a stream");
    if (streaming) {
      ++streams;
      CheckInvariant(streams_.contains(*session.stream), "a stream is known");
      CheckInvariant(streams_.at(*session.stream) == holder, "a stream knows its session");
      CheckInvariant(!closing_.contains(*session.stream), "a closed stream is nobody's");
    }
    session.share.ForEach([&](const CounterId& counter, const PresenceSet& set) {
      set.ForEach([&](PresenceHash hash) { all.Add(counter, hash); });
    });
  }
  union_.CheckInvariants();
  CheckInvariant(all == union_, "the union is that of the shares");
  CheckInvariant(streams == streams_.size(), "every stream has its session");
  withheld_.ForEach([&](const CounterId& counter, const PresenceSet& set) {
    set.ForEach([&](PresenceHash hash) {
      CheckInvariant(!union_.Contains(counter, hash), "who is held has not left");
    });
  });
  CheckInvariant(Implies(!recovering_, withheld_.empty()), "no leave is kept after recovering");
  CheckInvariant(Implies(!recovering_, expected_.empty()), "nobody is waited for after recovering");
}

}  // namespace livecounter
