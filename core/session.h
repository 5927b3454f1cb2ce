// What a holder (a gateway) and a receiver (counterd) say to each other on one stream, as plain
// values. proto/livecounter/v1/edge_service.proto tells the same story on the wire; wire/ converts.
//
//   holder                                     receiver
//
//   hello {who, which stream, highest epoch} ─▶
//                                            ◀─ welcome {epoch, lease, keep-alive}
//   resend_begin, watches with floors,
//     all it holds, resend_end               ─▶ replaces its share when complete
//   edges · watches · hit batches ·
//     open connections · usage               ─▶
//                                            ◀─ changes · answers · connection totals
//   an empty frame for want of others        ─▶ renews the lease
//                                            ◀─ likewise, to show that it lives
//   audit {digest of the share}              ─▶
//                                            ◀─ resend_wanted, if its own digest differs
//   detach {linger}                          ─▶ ends the stream, keeps the share `linger` longer
//
// Both ways are batched, for as long as the stream lasts.
// Either side may see the stream break at any point; the holder then comes back with a new stream
// of a higher number and resends everything. Streams are ordered and reliable while they last.

#ifndef LIVECOUNTER_CORE_SESSION_H_
#define LIVECOUNTER_CORE_SESSION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "core/change.h"
#include "core/hits.h"
#include "core/ids.h"
#include "core/sender_log.h"
#include "core/share.h"
#include "core/usage.h"

namespace livecounter {

struct Hello {
  HolderId holder;
  // 1, 2, 3, … over the streams of this incarnation; the newest wins, an older one is closed.
  uint64_t stream = 0;
  // The highest epoch the holder has seen. A receiver whose own is lower starts a life above it
  // before it welcomes (a store restored from a copy must not be older than what was shown).
  uint64_t highest_epoch = 0;

  friend bool operator==(const Hello&, const Hello&) = default;
};

struct Welcome {
  uint64_t epoch = 0;  // not below Hello::highest_epoch
  // How long the share outlives the last frame heard from the holder.
  absl::Duration lease;
  // Each side sends a frame at least this often; half a lease of silence ends the stream.
  absl::Duration keep_alive;

  friend bool operator==(const Welcome&, const Welcome&) = default;
};

// The holder watches `counter` from now on; it is answered with the current Change at once, whether
// the counter exists or not.
struct WatchStart {
  CounterId counter;
  // The presence value that the holder last passed on: while the receiver is recovering, nothing
  // smaller is published. Nothing: the holder has passed none on.
  absl::optional<int64_t> floor;

  friend bool operator==(const WatchStart&, const WatchStart&) = default;
};

// Hits with a key, with the name by which the answer finds them. Safe to send again at any time.
struct KeyedHitRequest {
  uint64_t ticket = 0;
  KeyedHit hit;

  friend bool operator==(const KeyedHitRequest&, const KeyedHitRequest&) = default;
};

// Open connections of one product.
struct ProductConnections {
  std::string product;
  int64_t connections = 0;

  friend bool operator==(const ProductConnections&, const ProductConnections&) = default;
};

// Holder to receiver. Read in the order of the members. An empty frame is a keep-alive.
struct HolderFrame {
  absl::optional<Hello> hello;  // first on a stream, alone
  bool resend_begin = false;
  std::vector<WatchStart> watch;
  std::vector<CounterId> unwatch;
  std::vector<PresenceDelta> presence;
  bool resend_end = false;
  std::vector<HitBatch> hits;
  std::vector<KeyedHitRequest> keyed_hits;
  absl::optional<ShareDigest> audit;            // of the share after this frame's presence
  absl::optional<absl::Duration> detach;        // last on a stream: keep the share this much longer
  std::vector<ProductConnections> connections;  // that changed; with a resend all that are not 0
  absl::optional<UsageBatch> usage;             // own, or inherited (core/usage_sender.h)

  bool empty() const;
};

// Receiver to holder. Read in the order of the members. An empty frame is a keep-alive. A frame
// that answers a hit carries, or follows, the change that shows it where the stream watches the
// counter: the holder keeps the answer back until then, so that nobody's answer is ahead of what
// they read next.
struct ReceiverFrame {
  absl::optional<Welcome> welcome;  // first on a stream, alone
  std::vector<Change> changes;
  std::vector<HitAnswer> hit_answers;
  std::vector<HitOutcome> keyed_outcomes;
  bool resend_wanted = false;
  // Over all holders, of products that this one told connections of.
  std::vector<ProductConnections> connection_totals;
  // The number of the last usage batch that came on this stream and is counted; 0: says nothing.
  uint64_t usage_counted = 0;

  bool empty() const;
};

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_SESSION_H_
