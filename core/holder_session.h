// The holder's side of a session (design §1, §2): a gateway's attachment to counterd as a state
// machine without I/O. It knows what the gateway holds, watches and has not had answered, and turns
// that into frames; whatever breaks, it comes back and resends everything (level-triggered).
//
//      ┌───────────── OnClosed ──────────────┐
//      ▼                                     │
//   kWaiting ─ShouldConnect→ kConnecting ─OnOpened→ kGreeting ─welcome→ kAttached ─Detach→ kDetached
//
// Times are arguments; outputs are taken. The caller owns stream, clock and thread.

#ifndef LIVECOUNTER_CORE_HOLDER_SESSION_H_
#define LIVECOUNTER_CORE_HOLDER_SESSION_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/random/bit_gen_ref.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "core/backoff.h"
#include "core/sender_log.h"
#include "core/session.h"
#include "core/share.h"

namespace livecounter {

// Not thread-safe.
class HolderSession {
 public:
  enum class State { kWaiting, kConnecting, kGreeting, kAttached, kDetached };

  struct Options {
    HolderId id;                                      // random at each process start
    absl::Duration audit_interval = absl::Seconds(30);
    absl::Duration connect_timeout = absl::Seconds(2);  // from ShouldConnect() to a welcome
    Backoff::Options backoff;
    size_t max_frame_entries = 4096;  // bound of one frame: hashes, watches and batches together
  };

  // `random` must outlive the session.
  HolderSession(Options options, absl::BitGenRef random);

  // --- What the gateway wants; any state. ---

  // One more event loop holds `hash`, or one fewer; only edges over all loops travel.
  void Join(const CounterId& counter, PresenceHash hash);
  void Leave(const CounterId& counter, PresenceHash hash);

  // One more watches `counter`, or one fewer: one subscription upstream, however many here.
  // Watch() gives the newest change if one is known already; else it comes by TakeChanges().
  absl::optional<Change> Watch(const CounterId& counter);
  void Unwatch(const CounterId& counter);

  // One hit; its outcome comes by TakeOutcomes(). Tickets are the caller's, unique among the open ones.
  void Hit(const CounterId& counter, uint64_t ticket, bool create);
  void KeyedHitOnce(const KeyedHitRequest& request);
  // The caller stops waiting for a ticket. True: it surely was not counted. False: it may have been.
  bool Abandon(const CounterId& counter, uint64_t ticket);

  // Ends the session for good (drain): after what is queued, a detach frame that keeps the share
  // `linger` longer. Joins and leaves after that are ignored.
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
  // Whether the peer has been silent for too long (half a lease; connect_timeout before the welcome):
  // close the stream and call OnClosed().
  bool PeerIsSilent(absl::Time now) const;

  // The next frame to write, or nothing. Call again until nothing comes, whenever the stream can take
  // a frame, something was put in, or NextWake() has come. `urgent()` tells whether waiting a tick
  // for more to batch would delay an answer that somebody waits for (hello, hits).
  absl::optional<HolderFrame> TakeFrame(absl::Time now);
  bool has_frame(absl::Time now) const;
  bool urgent() const;

  // --- What came. ---

  // Newest changes of watched counters, none older than one taken before; conflated.
  std::vector<Change> TakeChanges();
  // Outcomes of hits, keyed or not.
  std::vector<HitOutcome> TakeOutcomes();

  // --- State. ---

  State state() const { return state_; }
  // Attached and fully resent: what is held here is known there.
  bool synced() const;
  // When something is to be done without further input: connect, keep-alive, audit, silence.
  absl::Time NextWake() const;
  const Share& share() const { return share_; }
  uint64_t streams_opened() const { return stream_; }
  bool has_unanswered_hits() const;

  void CheckInvariants() const;

 private:
  struct WatchState {
    int watchers = 0;
    absl::optional<Change> newest;  // of any epoch: the floor of the next resend
    bool changed = false;           // not yet taken
  };

  // To be completed by the implementation.
  Options options_;
  absl::BitGenRef random_;
  State state_ = State::kWaiting;
  uint64_t stream_ = 0;
  Share share_;
};

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_HOLDER_SESSION_H_
