// What a holder has yet to tell its receiver about presence on the current stream: the full resend,
// then edges, netted until a frame takes them (design §1).

#ifndef LIVECOUNTER_CORE_PRESENCE_OUTBOX_H_
#define LIVECOUNTER_CORE_PRESENCE_OUTBOX_H_

#include <cstddef>
#include <deque>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/types/optional.h"
#include "core/frame_budget.h"
#include "core/ids.h"
#include "core/session.h"
#include "core/share.h"

namespace livecounter {

// Not thread-safe.
class PresenceOutbox {
 public:
  // From the next frame on, everything in `share` is told anew; edges up to now are part of it,
  // edges from now on come after it.
  void BeginResend(const Share& share);
  // The stream broke. Edges are not kept until the next BeginResend(), which sees them in
  // the share.
  void Clear();

  // Edges of the share.
  void Joined(const CounterId& counter, PresenceHash hash) { Edge(counter, hash, true); }
  void Left(const CounterId& counter, PresenceHash hash) { Edge(counter, hash, false); }

  // Puts what fits into `frame`: a part of the resend, or edges, counters in turn.
  void Fill(HolderFrame* frame, FrameBudget* budget);

  bool resending() const { return resend_.has_value(); }
  // Nothing is left to be told.
  bool empty() const { return !resending() && edges_ == 0; }

  // Dies when edges are miscounted or out of turn.
  void CheckInvariants() const;

 private:
  struct Resend {
    std::vector<PresenceDelta> deltas;
    size_t counter = 0;  // the next one,
    size_t hash = 0;     // from this hash on
    bool begun = false;
  };
  using Edges = absl::btree_map<PresenceHash, bool>;  // true: joined

  void Edge(const CounterId& counter, PresenceHash hash, bool joined);
  void FillResend(HolderFrame* frame, FrameBudget* budget);
  void FillEdges(HolderFrame* frame, FrameBudget* budget);

  bool open_ = false;  // a resend has begun on this stream
  absl::optional<Resend> resend_;
  absl::flat_hash_map<CounterId, Edges> pending_;  // may be empty for a counter still in turns_
  std::deque<CounterId> turns_;                    // the counters in pending_, each once
  size_t edges_ = 0;
};

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_PRESENCE_OUTBOX_H_
