// The originating sender's side of exactly-once hits (design §2): forms batches, numbers them per
// counter, keeps each until it is answered, and gives every hit its own value.
//
// At most one numbered batch per counter is unanswered. The first hit goes at once; what arrives
// meanwhile goes together in the next batch. A numbering that cannot go on (a gap, a refusal, a
// batch nobody answered for an hour) ends: the counter's next batch is number 1 of a new sender id,
// so that a number never means two batches.

#ifndef LIVECOUNTER_CORE_SENDER_LOG_H_
#define LIVECOUNTER_CORE_SENDER_LOG_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
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
  // `new_sender` draws random ids. A batch unanswered for `give_up` (far below kRecordLifetime) ends
  // its numbering: it may have counted, and is never sent again.
  SenderLog(std::function<SenderId()> new_sender, absl::Duration give_up = absl::Hours(1));

  // One hit on `counter`. Its outcome comes from OnAnswer() or Expire(), once, unless abandoned.
  void Add(const CounterId& counter, uint64_t ticket, bool create);

  // The caller no longer waits. True: the hit was not yet in a batch and will not count. False: it
  // is in a batch (or unknown) and may count; no outcome will be reported.
  bool Abandon(const CounterId& counter, uint64_t ticket);

  // Batches to send that were not taken since the last Reset(), numbering waiting hits where the
  // counter has no unanswered batch.
  std::vector<HitBatch> TakeBatches(absl::Time now);

  // The stream broke: every unanswered batch is to be taken again, unchanged.
  void Reset();

  // Outcomes of the answered batch's hits. A gap is not an outcome: its hits go again under a new
  // sender id. An answer to anything but the unanswered batch is ignored (a late repeat).
  std::vector<HitOutcome> OnAnswer(const HitAnswer& answer);

  // Gives up batches first taken before `now` − give_up: outcome DEADLINE_EXCEEDED for their hits.
  std::vector<HitOutcome> Expire(absl::Time now);

  bool has_unanswered() const;  // anything waiting or in flight

  void CheckInvariants() const;

 private:
  struct Waiting {
    uint64_t ticket;
    bool create;
  };
  struct Numbering {
    SenderId sender;
    uint64_t last_number = 0;
    absl::optional<HitBatch> unanswered;
    absl::Time first_taken;
    bool taken = false;                 // since the last Reset()
    std::vector<uint64_t> in_flight;    // tickets of `unanswered`, in order; 0-sized when none
    std::vector<Waiting> waiting;       // not numbered yet
  };

  void StartOver(Numbering& numbering);

  std::function<SenderId()> new_sender_;
  absl::Duration give_up_;
  absl::flat_hash_map<CounterId, Numbering> numberings_;
  // Counters with something to take, so that TakeBatches() is not a scan.
  std::vector<CounterId> ready_;
};

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_SENDER_LOG_H_
