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
  return Known(entry, now);
}

KnownVerdict VerdictCache::Known(const Entry& entry, absl::Time now) {
  const bool was_valid = entry.verdict == Verdict::kIndeterminate && now < entry.was_valid_until;
  return {entry.verdict, entry.ask_again_at - now, was_valid};
}

KnownVerdict VerdictCache::Store(const PresenceHash& user, Verdict verdict, absl::Time now) {
  const Entry before = Drop(user);
  MakeRoom(now);
  const Entry entry = MakeEntry(verdict, before, now);
  entries_[user] = entry;
  by_end_.insert({entry.forget_at, user});
  return Known(entry, now);
}

KnownVerdict VerdictCache::Refuse(const PresenceHash& user, absl::Duration pause, absl::Time now) {
  const auto found = entries_.find(user);
  if (found == entries_.end() || now >= found->second.was_valid_until) {
    return {Verdict::kIndeterminate, pause};
  }
  Entry& entry = found->second;
  by_end_.erase({entry.forget_at, user});
  entry.was_valid_until = now + pause + options_.was_valid;
  entry.forget_at = std::max(entry.forget_at, entry.was_valid_until);
  by_end_.insert({entry.forget_at, user});
  return {Verdict::kIndeterminate, pause, /*was_valid=*/true};
}

VerdictCache::Entry VerdictCache::MakeEntry(Verdict verdict, const Entry& before, absl::Time now) {
  Entry entry = {.verdict = verdict};
  if (verdict != Verdict::kIndeterminate) {
    entry.holds_until =
        now + Jittered(verdict == Verdict::kValid ? options_.valid : options_.invalid);
    entry.ask_again_at = entry.holds_until;
    entry.forget_at = entry.holds_until;
    if (verdict == Verdict::kInvalid) return entry;
    entry.was_valid_until = entry.ask_again_at + options_.was_valid;
    entry.forget_at = entry.was_valid_until;
    return entry;
  }
  entry.failures = before.failures + 1;
  const int doublings = std::min(entry.failures - 1, kMostDoublings);
  const absl::Duration pause =
      std::min(options_.indeterminate * (1 << doublings), options_.longest_pause);
  entry.holds_until = now + Jittered(options_.indeterminate);
  entry.ask_again_at = std::max(entry.holds_until, now + Jittered(pause));
  entry.forget_at = entry.ask_again_at + kRememberedPauses * pause;
  if (now >= before.was_valid_until) return entry;
  entry.was_valid_until = entry.ask_again_at + options_.was_valid;
  entry.forget_at = std::max(entry.forget_at, entry.was_valid_until);
  return entry;
}

absl::Duration VerdictCache::Jittered(absl::Duration duration) {
  return duration * (1.0 + options_.jitter * (2.0 * random_() - 1.0));
}

VerdictCache::Entry VerdictCache::Drop(const PresenceHash& user) {
  const auto found = entries_.find(user);
  if (found == entries_.end()) return {};
  const Entry entry = found->second;
  by_end_.erase({entry.forget_at, user});
  entries_.erase(found);
  return entry;
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
