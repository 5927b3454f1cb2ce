#include "core/presence_set.h"

#include "core/check.h"

namespace livecounter {

bool PresenceSet::Add(PresenceHash hash) { return ++holds_[hash] == 1; }

bool PresenceSet::Remove(PresenceHash hash) {
  const auto it = holds_.find(hash);
  if (it == holds_.end() || --it->second > 0) return false;
  holds_.erase(it);
  return true;
}

void PresenceSet::CheckInvariants() const {
  for (const auto& [hash, holds] : holds_) CheckInvariant(holds > 0, "a kept hash is held");
}

}  // namespace livecounter
