// The rules of hits: what a store does with a numbered batch, and with a hit that has a key of its
// own, given what it has recorded (design §2). Pure functions: an engine reads the records, asks
// here, and writes total and record in one atomic step.

#ifndef LIVECOUNTER_CORE_HITS_H_
#define LIVECOUNTER_CORE_HITS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "core/ids.h"

namespace livecounter {

// `count` hits of one counter under one number. Immutable once numbered: repeats are the same.
struct HitBatch {
  SenderId sender;
  CounterId counter;
  uint64_t number = 0;  // 1, 2, 3, … per sender and counter
  int64_t count = 0;    // ≥ 1
  // The product has auto_create_counters: an unknown counter starts at 0 instead of being refused.
  bool create = false;
  // Of the product that the hits were made at, which tells it from a later one of the same name; 0 for any.
  uint64_t product_life = 0;

  friend bool operator==(const HitBatch&, const HitBatch&) = default;
};

// Hits of one request that names itself: an Idempotency-Key over HTTP, a request_id over gRPC.
// Unique per counter; kept 24 h (contract §2).
struct KeyedHit {
  CounterId counter;
  std::string key;    // 1–255 bytes
  int64_t count = 1;  // ≥ 1
  bool create = false;
  uint64_t product_life = 0;  // as in HitBatch

  friend bool operator==(const KeyedHit&, const KeyedHit&) = default;
};

// How long a sender's record outlives its last batch, and a key's record its hit.
inline constexpr absl::Duration kRecordLifetime = absl::Hours(24);
// How many live keys a product may have (contract §2).
inline constexpr int64_t kMaxLiveKeysPerProduct = 1'000'000;

// What a store remembers of the newest batch of one sender on one counter.
struct SenderRecord {
  uint64_t number = 0;
  int64_t value_after = 0;

  friend bool operator==(const SenderRecord&, const SenderRecord&) = default;
};

// What a store remembers of a key.
struct KeyRecord {
  int64_t count = 0;
  int64_t value_after = 0;
  absl::Time expires_at;

  friend bool operator==(const KeyRecord&, const KeyRecord&) = default;
};

// A decision. The k = count values given out are value_after − k + 1 … value_after.
struct HitDecision {
  int64_t value_after = 0;
  // False for a repeat: it is answered as the first time, and nothing is written.
  bool applied = false;

  friend bool operator==(const HitDecision&, const HitDecision&) = default;
};

// What to do with `batch`, given the sender's record (if any) and the total (nothing: there is no
// such counter).
//   INVALID_ARGUMENT     count < 1 or number < 1
//   FAILED_PRECONDITION  a gap: neither the recorded number nor the one after it. The store does
//                        not know this sender's past (a restored copy, an expired record), and has
//                        nothing of this batch. See IsGap().
//   NOT_FOUND            the counter does not exist and the batch does not create it
//   OUT_OF_RANGE         the total would pass 2⁶³ − 1; nothing is applied
absl::StatusOr<HitDecision> DecideHits(const absl::optional<SenderRecord>& record,
                                       absl::optional<int64_t> total, const HitBatch& batch);

// What to do with `hit`, given its record (if any; an expired one counts as none) and the total.
// Errors as above without the gap, and
//   INVALID_ARGUMENT     the key was used with another count, or is not 1–255 bytes
//   RESOURCE_EXHAUSTED   `live_keys` of the product has reached kMaxLiveKeysPerProduct
absl::StatusOr<HitDecision> DecideKeyedHit(const absl::optional<KeyRecord>& record,
                                           absl::optional<int64_t> total, int64_t live_keys,
                                           const KeyedHit& hit, absl::Time now);

// Whether a refusal of DecideHits() is a gap, after which the sender starts over under a new id.
// Told by code and message, which both travel as they are: other refusals share the code.
bool IsGap(const absl::Status& status);

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_HITS_H_
