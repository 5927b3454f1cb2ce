#include "core/local_presence.h"

#include <algorithm>

#include "core/check.h"
#include "core/presence_edges.h"

namespace livecounter {

bool LocalPresence::Join(const CounterId& counter, PresenceHash hash) {
  const auto [it, came] = counters_[counter].try_emplace(hash);
  Entry& entry = it->second;
  if (came) {
    ++size_;
  } else if (entry.connections == 0) {
    leaving_.erase({entry.grace_until, counter, hash});
  }
  ++entry.connections;
  return came;
}

void LocalPresence::Leave(const CounterId& counter, PresenceHash hash, absl::Duration grace,
                          absl::Time now) {
  const auto entries = counters_.find(counter);
  if (entries == counters_.end()) return;
  const auto it = entries->second.find(hash);
  if (it == entries->second.end() || it->second.connections == 0) return;
  Entry& entry = it->second;
  entry.grace_until = std::max(entry.grace_until, now + grace);
  if (--entry.connections == 0) leaving_.insert({entry.grace_until, counter, hash});
}

bool LocalPresence::Remove(const CounterId& counter, PresenceHash hash) {
  const auto entries = counters_.find(counter);
  if (entries == counters_.end()) return false;
  const auto it = entries->second.find(hash);
  if (it == entries->second.end()) return false;
  if (it->second.connections == 0) leaving_.erase({it->second.grace_until, counter, hash});
  entries->second.erase(it);
  --size_;
  if (entries->second.empty()) counters_.erase(entries);
  return true;
}

std::vector<PresenceDelta> LocalPresence::Expire(absl::Time now) {
  PresenceEdges edges;
  while (!leaving_.empty() && leaving_.begin()->grace_until <= now) {
    const auto first = leaving_.begin();
    edges.Left(first->counter, first->hash);
    const auto entries = counters_.find(first->counter);
    entries->second.erase(first->hash);
    --size_;
    if (entries->second.empty()) counters_.erase(entries);
    leaving_.erase(first);
  }
  return edges.Take();
}

absl::Time LocalPresence::NextExpiry() const {
  return leaving_.empty() ? absl::InfiniteFuture() : leaving_.begin()->grace_until;
}

void LocalPresence::CheckInvariants() const {
  int64_t held = 0;
  size_t leaving = 0;
  for (const auto& [counter, entries] : counters_) {
    CheckInvariant(!entries.empty(), "no counter is kept without entries");
    held += static_cast<int64_t>(entries.size());
    for (const auto& [hash, entry] : entries) {
      if (entry.connections > 0) continue;
      ++leaving;
      CheckInvariant(leaving_.contains({entry.grace_until, counter, hash}),
                     "an entry without a connection is in its grace");
    }
  }
  CheckInvariant(held == size_, "the size is the number of entries");
  CheckInvariant(leaving == leaving_.size(),
                 "only entries without a connection are in their grace");
}

}  // namespace livecounter
