#include "core/verdict_cache.h"

#include <algorithm>

#include "core/check.h"

namespace livecounter {
namespace {

// A user's back-off is remembered for this long after it is worth asking again.
constexpr double kRememberedPauses = 2;
constexpr int kMostDoublings = 16;
// So that no call has to pay for many that came due together.
constexpr int kMostDueAtOnce = 4;

}  // namespace

VerdictCache::VerdictCache(const Options& options, std::function<double()> random)
    : options_(options), random_(std::move(random)) {}

absl::optional<KnownVerdict> VerdictCache::Find(const PresenceHash& user, absl::Time now) const {
  const auto found = entries_.find(user);
  if (found == entries_.end()) return absl::nullopt;
  const Entry& entry = found->second;
  if (now >= entry.holds_until) return absl::nullopt;
  return KnownVerdict{entry.verdict, entry.ask_again_at - now};
}

KnownVerdict VerdictCache::Store(const PresenceHash& user, Verdict verdict, absl::Time now) {
  const int failures = Drop(user);
  MakeRoom(now);
  const Entry entry =
      MakeEntry(verdict, verdict == Verdict::kIndeterminate ? failures + 1 : 0, now);
  entries_[user] = entry;
  by_end_.insert({entry.forget_at, user});
  return {verdict, entry.ask_again_at - now};
}

VerdictCache::Entry VerdictCache::MakeEntry(Verdict verdict, int failures, absl::Time now) {
  Entry entry = {.verdict = verdict, .failures = failures};
  if (verdict != Verdict::kIndeterminate) {
    entry.holds_until =
        now + Jittered(verdict == Verdict::kValid ? options_.valid : options_.invalid);
    entry.ask_again_at = entry.holds_until;
    entry.forget_at = entry.holds_until;
    return entry;
  }
  const int doublings = std::min(failures - 1, kMostDoublings);
  const absl::Duration pause =
      std::min(options_.indeterminate * (1 << doublings), options_.longest_pause);
  entry.holds_until = now + Jittered(options_.indeterminate);
  entry.ask_again_at = std::max(entry.holds_until, now + Jittered(pause));
  entry.forget_at = entry.ask_again_at + kRememberedPauses * pause;
  return entry;
}

absl::Duration VerdictCache::Jittered(absl::Duration duration) {
  return duration * (1.0 + options_.jitter * (2.0 * random_() - 1.0));
}

int VerdictCache::Drop(const PresenceHash& user) {
  const auto found = entries_.find(user);
  if (found == entries_.end()) return 0;
  const int failures = found->second.failures;
  by_end_.erase({found->second.forget_at, user});
  entries_.erase(found);
  return failures;
}

void VerdictCache::MakeRoom(absl::Time now) {
  for (int dropped = 0; !by_end_.empty(); ++dropped) {
    const std::pair<absl::Time, PresenceHash> first = *by_end_.begin();
    const bool due = first.first <= now && dropped < kMostDueAtOnce;
    if (!due && entries_.size() < options_.max_users) return;
    Drop(first.second);
  }
}

void VerdictCache::CheckInvariants() const {
  CheckInvariant(entries_.size() <= options_.max_users, "no more users than may be kept");
  CheckInvariant(entries_.size() == by_end_.size(), "each user has one end");
  for (const auto& [user, entry] : entries_) {
    CheckInvariant(by_end_.contains({entry.forget_at, user}), "a user's end is its own");
    CheckInvariant(entry.holds_until <= entry.ask_again_at, "no sooner than it holds");
    CheckInvariant(entry.ask_again_at <= entry.forget_at, "forgotten last");
  }
}

}  // namespace livecounter
