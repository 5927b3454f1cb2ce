#include "services/admin/sign_in/failure_throttle.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "services/runtime/grpc_status.h"

namespace livecounter::admin {
namespace {

constexpr TokenBucket::Rate kRate = {.interval = absl::Seconds(10), .burst = 10};
constexpr size_t kSmallestSweep = 1'000;

// A bucket has all its tokens when it would have the only one of a bucket of one.
bool IsFull(const TokenBucket& bucket, absl::Time now) {
  return bucket.NextToken({.interval = kRate.interval, .burst = 1}, now) <= now;
}

}  // namespace

absl::Status FailureThrottle::Take(absl::string_view who) {
  const absl::Time now = clock_.Now();
  absl::MutexLock lock(&mutex_);
  if (attempts_.size() >= next_sweep_) DropFull(now);
  TokenBucket& bucket = attempts_[who];
  if (bucket.Take(kRate, now)) return absl::OkStatus();
  const int64_t seconds =
      absl::ToInt64Seconds(absl::Ceil(bucket.NextToken(kRate, now) - now, absl::Seconds(1)));
  return runtime::WithReason(absl::ResourceExhaustedError(absl::StrCat(
                                 "too many attempts have failed; try again in ", seconds, " s")),
                             "TOO_MANY_FAILURES", {{"retry_after_seconds", absl::StrCat(seconds)}});
}

void FailureThrottle::GiveBack(absl::string_view who) {
  absl::MutexLock lock(&mutex_);
  // Nobody there: a success, or time, has given all back already.
  if (const auto found = attempts_.find(who); found != attempts_.end()) {
    found->second.GiveBack(kRate);
  }
}

void FailureThrottle::Forget(absl::string_view who) {
  absl::MutexLock lock(&mutex_);
  attempts_.erase(who);
}

size_t FailureThrottle::size() const {
  absl::MutexLock lock(&mutex_);
  return attempts_.size();
}

void FailureThrottle::DropFull(absl::Time now) {
  absl::erase_if(attempts_, [now](const auto& entry) { return IsFull(entry.second, now); });
  next_sweep_ = std::max(kSmallestSweep, 2 * attempts_.size());
}

}  // namespace livecounter::admin
