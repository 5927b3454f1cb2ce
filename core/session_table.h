// The receiver's side of all sessions (design §1): whose shares stand, for how long, and what their
// union is; and, after a restart, when recovering ends.
//
//  * A share belongs to one incarnation. Shares stand side by side as a union until each one's
//    lease ends. A full resend replaces its share only when complete.
//  * The newest stream of an incarnation wins; an older one is closed.
//  * A lease runs from the last frame heard, whether the stream still stands or not. Leases count
//    anew from the start and after any stall of the caller's own loop: nobody is expired for our
//    absence.
//  * A session that detached keeps its share for the linger it asked for, then leaves whole. Were
//    its holder to attach again, the session would simply be open again.
//  * Recovering: from the start until every session that was open when the last process ended has
//    resent, has detached or has ended, at latest after `recovery_limit`. New sessions never extend
//    it. Meanwhile nobody is told to have left.

#ifndef LIVECOUNTER_CORE_SESSION_TABLE_H_
#define LIVECOUNTER_CORE_SESSION_TABLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "core/presence_edges.h"
#include "core/session.h"
#include "core/share.h"

namespace livecounter {

// The caller's name for one stream, unique over the process.
using StreamId = uint64_t;

// Not thread-safe: it belongs to counterd's loop.
class SessionTable {
 public:
  struct Options {
    absl::Duration lease = absl::Seconds(10);
    absl::Duration keep_alive = absl::Seconds(2);
    absl::Duration stall = absl::Seconds(2);  // a Tick() this late is a stall of our own
    absl::Duration recovery_limit = absl::Seconds(10);
    absl::Duration max_linger = absl::Minutes(5);  // of a detach; longer ones are cut
  };

  // What the caller must carry out, in the order of the members. Each call adds to what is there.
  struct Effects {
    // Edges of the union over all holders, netted over one call. While recovering only who came:
    // who left then is told when it ends, since no number may fall before (contract §7).
    std::vector<PresenceDelta> presence;
    struct Close {
      StreamId stream;
      absl::Status reason;
    };
    std::vector<Close> close;             // end these streams
    std::vector<StreamId> resend_wanted;  // ask these for a full resend (audit mismatch)
    // Sessions gone: delete their records, but those of holders that the caller is recording anew.
    std::vector<HolderId> ended;
    int64_t audit_mismatches = 0;
    bool recovery_ended = false;  // publish what is known from now on; once in a table's life

    bool empty() const;
  };

  // A session, for who wants to see how it stands.
  struct SessionView {
    enum class State { kAttached, kResending, kLost, kDetached };

    HolderId holder = {};
    uint64_t stream = 0;  // the number of its newest
    State state = State::kAttached;
    int64_t present = 0;         // (counter, hash) pairs in its share
    absl::Time expires_at = {};  // unless it is heard of

    friend bool operator==(const SessionView&, const SessionView&) = default;
  };

  // `expected`: the sessions recorded as open in the store when this process started. Where there
  // are none, recovering ends with the first Tick().
  SessionTable(Options options, std::vector<HolderId> expected, absl::Time now);

  // A stream said hello. The caller has recorded the session durably and raised the epoch before it
  // calls this, and sends the welcome after it. ABORTED when this or a newer stream of this
  // incarnation is here already: refuse the stream with that status. INVALID_ARGUMENT for a
  // second hello.
  absl::Status Attach(StreamId stream, const Hello& hello, absl::Time now, Effects* effects);

  // A frame after the hello: renews the lease and applies presence, resend, audit and detach; the
  // rest is the caller's. INVALID_ARGUMENT when it breaks the protocol (no hello, a second one, an
  // end without a begin, presence that left within a resend): nothing of it is applied; end the
  // stream with that status. A begin within a resend starts it anew; presence that repeats what is
  // held changes nothing. Frames that still arrive on a stream closed by Effects are ignored (OK):
  // ask attached() before, and ignore the rest of them, too. Raise the floors of the frame's watches
  // before this call, which may end recovering.
  absl::Status OnFrame(StreamId stream, const HolderFrame& frame, absl::Time now, Effects* effects);

  // The stream ended, whoever ended it. The share stays until the lease ends.
  void OnStreamClosed(StreamId stream);

  // Expires leases and lingers, notices stalls, ends recovering. Call at least every stall / 4. A
  // call that comes late is a stall: all leases and lingers count anew from it.
  void Tick(absl::Time now, Effects* effects);

  // Whether frames of this stream are heeded: it has said hello, and has not been closed.
  bool attached(StreamId stream) const { return streams_.contains(stream); }
  bool recovering() const { return recovering_; }
  // Holders with a share or a stream.
  int64_t sessions() const { return static_cast<int64_t>(sessions_.size()); }
  // Each of them, in order of the holders.
  std::vector<SessionView> Views() const;
  // The union over all holders: each set counts, for every hash, the holders that hold it.
  const Share& present() const { return union_; }
  Welcome MakeWelcome(uint64_t epoch) const;

  // Walks it all; dies unless the union is that of the shares and every stream is its session's.
  void CheckInvariants() const;

 private:
  struct Session {
    absl::optional<StreamId> stream;  // none: broken or detached
    uint64_t stream_number = 0;
    Share share;                            // holds each hash once
    absl::optional<Share> resend;           // being received, replaces `share` when complete
    absl::optional<absl::Duration> linger;  // detached
    absl::Time expires_at;
  };
  using Sessions = absl::btree_map<HolderId, Session>;  // ordered: the same effects in every run

  static SessionView::State StateOf(const Session& session);
  // Takes the session's stream from it; `reason` is what the caller is to end it with.
  void CloseStream(Session* session, absl::Status reason, Effects* effects);
  static absl::Status CheckFrame(const Session& session, const HolderFrame& frame);
  void ApplyPresence(const HolderFrame& frame, Session* session, PresenceEdges* edges);
  void FinishResend(Session* session, PresenceEdges* edges);
  void Audit(const ShareDigest& told, const Session& session, Effects* effects) const;
  void Detach(absl::Duration linger, absl::Time now, Session* session, Effects* effects);
  void RemoveShare(const Share& share, PresenceEdges* edges);
  void Renew(absl::Time now, Session* session) const;
  void ExpireSessions(absl::Time now, Effects* effects);
  void Tell(PresenceEdges* edges, Effects* effects);
  // Keeps back what would make a number fall while recovering.
  void Withhold(PresenceDelta* delta);
  // The holder is not waited for any more.
  void Answered(HolderId holder, Effects* effects);
  void EndRecovery(Effects* effects);

  const Options options_;
  Sessions sessions_;
  absl::flat_hash_map<StreamId, HolderId> streams_;
  absl::flat_hash_set<StreamId> closing_;  // by Effects, and not reported as closed yet
  Share union_;
  Share withheld_;  // left since recovering began, and not told
  bool recovering_ = true;
  absl::btree_set<HolderId> expected_;
  absl::Time recovery_ends_at_;
  absl::Time last_tick_;
};

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_SESSION_TABLE_H_
