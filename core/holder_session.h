// The holder's side of a session (design §1, §2): a gateway's attachment to counterd as a state
// machine without I/O. It knows what the gateway holds, watches and has not had answered, and turns
// that into frames; whatever breaks, it comes back and resends everything (level-triggered).
//
//   kWaiting ─ShouldConnect─▶ kConnecting ─OnOpened─▶ kGreeting ─welcome─▶ kAttached
//      ▲                           │                      │                    │   │ detach frame
//      └───────────────────────────┴─────── OnClosed ─────┴────────────────────┘   ▼
//                                                                               kDetached
//
// Times are arguments; outputs are taken. The caller owns stream, clock and thread. The same calls
// with the same random numbers give the same frames, in every run.

#ifndef LIVECOUNTER_CORE_HOLDER_SESSION_H_
#define LIVECOUNTER_CORE_HOLDER_SESSION_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/random/bit_gen_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "core/backoff.h"
#include "core/connection_report.h"
#include "core/frame_budget.h"
#include "core/presence_outbox.h"
#include "core/sender_log.h"
#include "core/session.h"
#include "core/share.h"
#include "core/usage_sender.h"
#include "core/watch_list.h"

namespace livecounter {

// Not thread-safe.
class HolderSession {
 public:
  enum class State { kWaiting, kConnecting, kGreeting, kAttached, kDetached };

  struct Options {
    HolderId id = {};  // random at each process start
    absl::Duration audit_interval = absl::Seconds(30);
    absl::Duration connect_timeout = absl::Seconds(2);  // from ShouldConnect() to a welcome
    Backoff::Options backoff = {};
    // Bounds of one frame: hashes, watches and batches together, and about what they take in bytes
    // (a single entry may pass it). The bytes stay well below gRPC's limit on messages, 4 MiB.
    size_t max_frame_entries = 4096;
    size_t max_frame_bytes = size_t{1} << 20;
    absl::Duration usage_interval = absl::Milliseconds(500);  // between batches of usage
    absl::Duration connections_interval =
        absl::Milliseconds(200);  // between numbers of connections
    bool keeps_usage_journal = false;
  };

  // `random` must outlive the session. max_frame_entries and max_frame_bytes ≥ 1.
  HolderSession(Options options, absl::BitGenRef random);
  HolderSession(const HolderSession&) = delete;
  HolderSession& operator=(const HolderSession&) = delete;

  // --- What the gateway wants; any state. ---

  // One more event loop holds `hash`, or one fewer; only edges over all loops travel.
  void Join(const CounterId& counter, PresenceHash hash);
  void Leave(const CounterId& counter, PresenceHash hash);

  // One more watches `counter`, or one fewer: one subscription upstream, however many here.
  // Watch() gives the newest change if one is known already; else it comes by TakeChanges().
  absl::optional<Change> Watch(const CounterId& counter);
  void Unwatch(const CounterId& counter);

  // One hit; its outcome comes by TakeOutcomes(). Tickets are the caller's, unique among the open
  // ones of both kinds. After the detach frame the outcome is UNAVAILABLE at once: it did
  // not count. `create` and `product_life` as in HitBatch.
  void Hit(const CounterId& counter, uint64_t ticket, bool create, uint64_t product_life = 0);
  void KeyedHitOnce(const KeyedHitRequest& request);
  // The caller stops waiting for a ticket, and gets no outcome of it any more. True: it surely was
  // not counted. False: it may have been.
  bool Abandon(const CounterId& counter, uint64_t ticket);

  // `product` has `difference` open connections more here. What the others have comes by
  // TakeConnectionsElsewhere().
  void AddConnections(const std::string& product, int64_t difference) {
    connections_.Add(product, difference);
  }
  // `connections` of `product` were accepted in `hour` (core/usage.h).
  void CountUsage(const std::string& product, int64_t hour, int64_t connections, absl::Time now) {
    usage_.Add(product, hour, connections, now);
  }
  // How much of that is not counted, and since when.
  const UsageSender& usage() const { return usage_; }

  // The journal of usage, where there is one: as the methods of core/usage_sender.h by these names.
  void InheritUsage(UsageBacklog backlog, absl::Time now) {
    usage_.Inherit(std::move(backlog), now);
  }
  absl::optional<UsageJournalStep> TakeUsageJournalStep(absl::Time now) {
    return usage_.TakeJournalStep(now);
  }
  void OnUsageJournalStep(bool is_done) { usage_.OnJournalStep(is_done); }
  absl::optional<UsageJournalStep> LastUsageJournalStep(absl::Time now) {
    return usage_.LastJournalStep(now);
  }

  // Ends the session for good (drain): once the resend is out and hits and usage are answered, a detach
  // frame that keeps the share `linger` longer. Joins and leaves after this call are ignored, so
  // that the share stays as it is; the stream is opened again for it if need be. A session that
  // never opened a stream, and has nothing to be counted, is detached at once.
  void Detach(absl::Duration linger);

  // --- The stream. ---

  // Whether to open a stream now; true puts the session into kConnecting, so ask once.
  bool ShouldConnect(absl::Time now);
  // The stream is open for writing: the next frame is the hello.
  void OnOpened(absl::Time now);
  // The stream ended, or could not be opened. The caller reports each stream's end once.
  void OnClosed(absl::Time now);
  // INVALID_ARGUMENT when the frame breaks the protocol: close the stream and call OnClosed().
  absl::Status OnFrame(const ReceiverFrame& frame, absl::Time now);
  // Whether the peer has been silent for too long (half a lease; connect_timeout before the
  // welcome): close the stream and call OnClosed(). After a stall of the caller's own, read what
  // came first.
  bool PeerIsSilent(absl::Time now) const;

  // The next frame to write, or nothing. Call again until nothing comes, whenever the stream can
  // take a frame, something was put in, or NextWake() has come. `urgent()` tells whether waiting a
  // tick for more to batch would delay an answer that somebody waits for (hello, hits).
  absl::optional<HolderFrame> TakeFrame(absl::Time now);
  bool has_frame(absl::Time now) const;
  bool urgent() const;

  // --- What came. ---

  // Newest changes of watched counters, none older than one taken before; conflated.
  std::vector<Change> TakeChanges() { return watches_.TakeChanges(); }
  // Outcomes of hits, keyed or not. That of a hit that counted on a watched counter comes with or
  // after the change that shows it, unless the stream breaks first.
  std::vector<HitOutcome> TakeOutcomes();
  // Open connections of products at the other holders, as of what came last.
  std::vector<ProductConnections> TakeConnectionsElsewhere();

  // --- State. ---

  State state() const { return state_; }
  // Attached and fully resent: what is held here is known there.
  bool synced() const;
  // When something is to be done without further input: connect, keep-alive, audit, silence, journal,
  // giving up. It may have passed where a frame waits only for the stream to take it.
  absl::Time NextWake() const;
  const Share& share() const { return share_; }
  uint64_t streams_opened() const { return stream_; }
  // The highest epoch in anything that came.
  uint64_t highest_epoch() const { return highest_epoch_; }
  // Hits not answered yet.
  bool has_unanswered_hits() const { return hits_.has_unanswered() || !keyed_hits_.empty(); }

  // Dies when a part of the state contradicts another.
  void CheckInvariants() const;

 private:
  struct KeyedHitState {
    KeyedHit hit;
    bool sent = false;  // on any stream: it may have counted
  };

  // A session that asked to detach has nothing to end where no stream was ever opened.
  void EndIfNeverOpened();
  // When PeerIsSilent() will be true if nothing more comes.
  absl::Time SilentAt() const;
  // Whether there is something to tell, beside keep-alive and audit.
  bool HasContent(absl::Time now) const;
  bool CanDetach() const;
  bool AuditIsDue(absl::Time now) const;
  HolderFrame MakeHello() const;
  HolderFrame MakeFrame(absl::Time now);
  void FillHits(HolderFrame* frame, FrameBudget* budget, absl::Time now);
  void FillConnections(HolderFrame* frame, FrameBudget* budget, absl::Time now);
  void FillUsage(HolderFrame* frame, FrameBudget* budget, absl::Time now);
  void OnResendWanted();
  absl::Status OnWelcome(const ReceiverFrame& frame, absl::Time now);
  void OnAnswer(const HitAnswer& answer);
  void OnKeyedOutcome(const HitOutcome& outcome);
  void SeeEpoch(uint64_t epoch) { highest_epoch_ = std::max(highest_epoch_, epoch); }

  const Options options_;
  State state_ = State::kWaiting;
  Backoff backoff_;
  Share share_;
  PresenceOutbox presence_;
  WatchList watches_;
  ConnectionReport connections_;
  absl::btree_map<std::string, int64_t> elsewhere_;  // not taken
  UsageSender usage_;
  SenderLog hits_;
  absl::btree_map<uint64_t, KeyedHitState> keyed_hits_;  // by ticket, not answered
  absl::btree_set<uint64_t> untold_keyed_hits_;          // tickets to be sent on this stream
  std::vector<HitOutcome> outcomes_;                     // not taken
  absl::optional<absl::Duration> detach_;                // asked for
  uint64_t highest_epoch_ = 0;

  // Of the current stream, or of the attempt at one.
  uint64_t stream_ = 0;
  bool hello_sent_ = false;
  Welcome welcome_;
  absl::Time attempted_at_ = absl::InfinitePast();
  absl::Time heard_at_ = absl::InfinitePast();
  absl::Time sent_at_ = absl::InfinitePast();
  absl::Time audit_at_ = absl::InfiniteFuture();
  // Of the next stream.
  absl::Time next_attempt_ = absl::InfinitePast();
};

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_HOLDER_SESSION_H_
