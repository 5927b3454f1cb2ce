#include "core/local_presence.h"

#include <algorithm>

#include "core/check.h"
#include "core/presence_edges.h"

namespace livecounter {

bool LocalPresence::Join(const CounterId& counter, PresenceHash hash) {
  const auto [it, came] = entries_.try_emplace(Key{counter, hash});
  Entry& entry = it->second;
  if (!came && entry.connections == 0) leaving_.erase({entry.grace_until, it->first});
  ++entry.connections;
  return came;
}

void LocalPresence::Leave(const CounterId& counter, PresenceHash hash, absl::Duration grace,
                          absl::Time now) {
  const auto it = entries_.find(Key{counter, hash});
  if (it == entries_.end() || it->second.connections == 0) return;
  Entry& entry = it->second;
  entry.grace_until = std::max(entry.grace_until, now + grace);
  if (--entry.connections == 0) leaving_.insert({entry.grace_until, it->first});
}

std::vector<PresenceDelta> LocalPresence::Expire(absl::Time now) {
  PresenceEdges edges;
  while (!leaving_.empty() && leaving_.begin()->first <= now) {
    const auto first = leaving_.begin();
    edges.Left(first->second.counter, first->second.hash);
    entries_.erase(first->second);
    leaving_.erase(first);
  }
  return edges.Take();
}

absl::Time LocalPresence::NextExpiry() const {
  return leaving_.empty() ? absl::InfiniteFuture() : leaving_.begin()->first;
}

void LocalPresence::CheckInvariants() const {
  size_t leaving = 0;
  for (const auto& [key, entry] : entries_) {
    if (entry.connections > 0) continue;
    ++leaving;
    CheckInvariant(leaving_.contains({entry.grace_until, key}),
                   "an entry without a connection is in its grace");
  }
  CheckInvariant(leaving == leaving_.size(),
                 "only entries without a connection are in their grace");
}

}  // namespace livecounter
