// The originating sender's side of exactly-once hits (design §2): forms batches, numbers them per
// counter, keeps each until it is answered, and gives every hit its own value.
//
// At most one numbered batch per counter is unanswered. The first hit goes at once; what arrives
// meanwhile goes together in the next batch. A numbering that cannot go on (a gap, a refusal, a
// batch nobody answered for an hour) ends: the counter's next batch is number 1 of a new sender id,
// so that a number never means two batches.

#ifndef LIVECOUNTER_CORE_SENDER_LOG_H_
#define LIVECOUNTER_CORE_SENDER_LOG_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "core/hits.h"
#include "core/ids.h"

namespace livecounter {

// The receiver's answer to one numbered batch.
struct HitAnswer {
  SenderId sender;
  CounterId counter;
  uint64_t number = 0;
  // The value after the batch and the version at which it is visible; or why it was refused.
  absl::Status status;
  int64_t value_after = 0;
  Version version;
};

// What became of one hit; `ticket` is the caller's own name for it.
struct HitOutcome {
  uint64_t ticket = 0;
  absl::Status status;  // OK: counted, durable
  int64_t value = 0;    // this hit's own value
  Version version;
};

// Not thread-safe.
class SenderLog {
 public:
  // `new_sender` draws random ids. A batch unanswered for `give_up` (far below kRecordLifetime)
  // ends its numbering: it may have counted, and is never sent again.
  explicit SenderLog(std::function<SenderId()> new_sender, absl::Duration give_up = absl::Hours(1));

  // One hit on `counter`. Its outcome comes from OnAnswer() or Expire(), once, unless abandoned.
  // `create` and `product_life` as in HitBatch.
  void Add(const CounterId& counter, uint64_t ticket, bool create, uint64_t product_life = 0);

  // The caller no longer waits. True: the hit was not yet in a batch and will not count. False: it
  // is in a batch (or unknown) and may count; no outcome will be reported.
  bool Abandon(const CounterId& counter, uint64_t ticket);

  // Up to `limit` batches to send that were not taken since the last Reset(), numbering waiting
  // hits where the counter has no unanswered batch. Hits of one batch agree on what Add() was given.
  std::vector<HitBatch> TakeBatches(absl::Time now, size_t limit = SIZE_MAX);
  // Whether TakeBatches() would give any.
  bool has_batches() const { return !ready_.empty(); }

  // The stream broke: every unanswered batch is to be taken again, unchanged.
  void Reset();

  // Outcomes of the answered batch's hits. A gap is not an outcome: its hits go again under a new
  // sender id, but for those abandoned. (A gap at number 1 is one: a new id would not help.) An
  // answer to anything but the unanswered batch is ignored (a late repeat).
  std::vector<HitOutcome> OnAnswer(const HitAnswer& answer);

  // Gives up batches first taken `give_up` ago: outcome DEADLINE_EXCEEDED for their hits. Forgets
  // numberings that have been idle for as long, so that memory is that of the counters in use.
  std::vector<HitOutcome> Expire(absl::Time now);
  // When Expire() may have something to do; InfiniteFuture while nothing is remembered.
  absl::Time NextExpiry() const;

  // Whether a hit waits or a batch is unanswered.
  bool has_unanswered() const { return waiting_ > 0 || unanswered_ > 0; }
  // Counters in memory.
  size_t size() const { return numberings_.size(); }

  // Dies when a batch's count is not that of its hits, or a counter with something to take is not
  // in the order of taking.
  void CheckInvariants() const;

 private:
  struct Waiting {
    uint64_t ticket;
    bool create;
    uint64_t product_life;
  };
  struct InFlight {
    uint64_t ticket;
    bool abandoned;
  };
  struct Numbering {
    SenderId sender;
    uint64_t last_number = 0;
    absl::optional<HitBatch> unanswered;
    bool taken = false;                             // `unanswered`, since the last Reset()
    std::vector<InFlight> in_flight;                // the hits of `unanswered`, in their order
    std::deque<Waiting> waiting;                    // not numbered yet
    absl::Time first_taken = absl::InfinitePast();  // of the newest batch
    absl::Time expires = absl::InfiniteFuture();    // its place in expiries_, lazily moved on
    uint64_t place = 0;                             // in ready_; 0: not there
  };
  using Numberings = absl::flat_hash_map<CounterId, Numbering>;

  static bool Takeable(const Numbering& numbering);
  // Puts a numbering that changed where it belongs; drops it where nothing is left to remember.
  void Settle(Numberings::iterator it);
  void NumberNext(const CounterId& counter, Numbering& numbering, absl::Time now);
  // Ends the unanswered batch, answered or not.
  void EndBatch(Numbering& numbering);
  // Number 1 of a new sender id is next.
  void StartOver(Numbering& numbering);
  // Puts the unanswered batch's hits that somebody waits for in front of those that wait already.
  void WaitAgain(Numbering& numbering);
  static std::vector<HitOutcome> Outcomes(const Numbering& numbering, const HitAnswer& answer);

  std::function<SenderId()> new_sender_;
  absl::Duration give_up_;
  Numberings numberings_;
  // Counters with something to take, first come first, so that taking is not a scan.
  absl::btree_map<uint64_t, CounterId> ready_;
  uint64_t last_place_ = 0;
  // One entry for each numbering that has taken a batch: not after its expiry is due.
  absl::btree_set<std::pair<absl::Time, CounterId>> expiries_;
  size_t waiting_ = 0;     // hits
  size_t unanswered_ = 0;  // batches
};

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_SENDER_LOG_H_
