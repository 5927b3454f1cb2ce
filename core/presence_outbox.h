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
  // The next frame begins a full resend: everything held by then. Edges before it are part of it;
  // those after it come after its end.
  void WantResend();
  // The stream broke: nothing is to be told until the next WantResend().
  void Clear();

  // Edges of the share.
  void Joined(const CounterId& counter, PresenceHash hash) { Edge(counter, hash, true); }
  void Left(const CounterId& counter, PresenceHash hash) { Edge(counter, hash, false); }

  // Puts what fits into `frame`: a part of the resend, or edges, counters in turn. `share` is what is
  // held now.
  void Fill(const Share& share, HolderFrame* frame, FrameBudget* budget);

  // A full resend is wanted or under way.
  bool resending() const { return wanted_ || resend_; }
  // Nothing is left to be told.
  bool empty() const { return !resending() && edges_ == 0; }

  // Dies when edges are miscounted or out of turn.
  void CheckInvariants() const;

 private:
  struct Resend {
    std::vector<PresenceDelta> deltas;
    size_t counter = 0;  // the next one,
    size_t hash = 0;     // from this hash on
  };
  using Edges = absl::btree_map<PresenceHash, bool>;  // true: joined

  void Edge(const CounterId& counter, PresenceHash hash, bool joined);
  void FillResend(HolderFrame* frame, FrameBudget* budget);
  void FillEdges(HolderFrame* frame, FrameBudget* budget);

  bool open_ = false;    // a resend has begun on this stream
  bool wanted_ = false;  // a resend is to begin with the next frame
  absl::optional<Resend> resend_;
  absl::flat_hash_map<CounterId, Edges> pending_;  // may be empty for a counter still in turns_
  std::deque<CounterId> turns_;                    // the counters in pending_, each once
  size_t edges_ = 0;
};

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_PRESENCE_OUTBOX_H_
