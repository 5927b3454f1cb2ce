#include "core/hits.h"

#include <limits>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace livecounter {
namespace {

constexpr size_t kMaxKeyBytes = 255;
// How the message of a gap begins. The store's other refusals may have the same code, and code and
// message are all that travels.
constexpr absl::string_view kGap = "gap in the numbering of hit batches";

absl::Status CheckCount(int64_t count) {
  if (count >= 1) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("a hit counts ", count, " times; it must count at least once"));
}

absl::Status NotFound(const CounterId& counter) {
  return absl::NotFoundError(absl::StrCat("no hit counter ", counter.id, " in ", counter.product,
                                          "; create it first, or let the product auto-create"));
}

// `count` more on `total`, count ≥ 1.
absl::StatusOr<HitDecision> Apply(int64_t total, int64_t count) {
  if (total > std::numeric_limits<int64_t>::max() - count) {
    return absl::OutOfRangeError(absl::StrCat("the counter stands at ", total, "; ", count,
                                              " more would pass 2^63 - 1; nothing was counted"));
  }
  return HitDecision{.value_after = total + count, .applied = true};
}

absl::Status CheckKeyedHit(const KeyedHit& hit) {
  if (hit.key.empty() || hit.key.size() > kMaxKeyBytes) {
    return absl::InvalidArgumentError(absl::StrCat("the idempotency key has ", hit.key.size(),
                                                   " bytes; it must have 1 to ", kMaxKeyBytes));
  }
  return CheckCount(hit.count);
}

}  // namespace

absl::StatusOr<HitDecision> DecideHits(const absl::optional<SenderRecord>& record,
                                       absl::optional<int64_t> total, const HitBatch& batch) {
  if (absl::Status status = CheckCount(batch.count); !status.ok()) return status;
  if (batch.number < 1) return absl::InvalidArgumentError("hit batches are numbered from 1");
  if (record && batch.number == record->number) {
    return HitDecision{.value_after = record->value_after, .applied = false};
  }
  const uint64_t last = record ? record->number : 0;
  if (batch.number - 1 != last) {
    return absl::FailedPreconditionError(
        absl::StrCat(kGap, ": number ", batch.number, " came after ", last,
                     "; nothing of it was counted; send it as number 1 of a new sender"));
  }
  if (!total && !batch.create) return NotFound(batch.counter);
  return Apply(total.value_or(0), batch.count);
}

absl::StatusOr<HitDecision> DecideKeyedHit(const absl::optional<KeyRecord>& record,
                                           absl::optional<int64_t> total, int64_t live_keys,
                                           const KeyedHit& hit, absl::Time now) {
  if (absl::Status status = CheckKeyedHit(hit); !status.ok()) return status;
  if (record && record->expires_at > now) {
    if (record->count != hit.count) {
      return absl::InvalidArgumentError(absl::StrCat("this key was used to count ", record->count,
                                                     ", now ", hit.count,
                                                     "; use a key of its own for each request"));
    }
    return HitDecision{.value_after = record->value_after, .applied = false};
  }
  if (!total && !hit.create) return NotFound(hit.counter);
  if (live_keys >= kMaxLiveKeysPerProduct) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "the product has ", live_keys, " live idempotency keys, the most it may have; ",
        "each is free again 24 hours after its use"));
  }
  return Apply(total.value_or(0), hit.count);
}

bool IsGap(const absl::Status& status) {
  return absl::IsFailedPrecondition(status) && absl::StartsWith(status.message(), kGap);
}

}  // namespace livecounter
