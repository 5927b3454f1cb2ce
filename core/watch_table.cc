#include "core/watch_table.h"

#include <algorithm>

#include "core/check.h"

namespace livecounter {

bool WatchTable::Watch(StreamId stream, const CounterId& counter) {
  streams_[stream].counters.insert(counter);
  absl::btree_set<StreamId>& watchers = watchers_[counter];
  const bool fresh = watchers.insert(stream).second;
  return fresh && watchers.size() == 1;
}

bool WatchTable::Remove(StreamId stream, const CounterId& counter) {
  const auto it = watchers_.find(counter);
  it->second.erase(stream);
  if (!it->second.empty()) return false;
  watchers_.erase(it);
  return true;
}

bool WatchTable::Unwatch(StreamId stream, const CounterId& counter) {
  const auto it = streams_.find(stream);
  if (it == streams_.end() || it->second.counters.erase(counter) == 0) return false;
  it->second.slots.Forget(counter);
  if (it->second.counters.empty()) streams_.erase(it);
  return Remove(stream, counter);
}

std::vector<CounterId> WatchTable::Drop(StreamId stream) {
  std::vector<CounterId> unwatched;
  const auto it = streams_.find(stream);
  if (it == streams_.end()) return unwatched;
  for (const CounterId& counter : it->second.counters) {
    if (Remove(stream, counter)) unwatched.push_back(counter);
  }
  streams_.erase(it);
  std::sort(unwatched.begin(), unwatched.end());
  return unwatched;
}

std::vector<StreamId> WatchTable::Publish(const Change& change, absl::Time now) {
  std::vector<StreamId> woken;
  const auto it = watchers_.find(change.counter);
  if (it == watchers_.end()) return woken;
  for (StreamId stream : it->second) {
    if (!HasPending(stream)) woken.push_back(stream);
    Answer(stream, change, now);
  }
  return woken;
}

void WatchTable::Answer(StreamId stream, const Change& change, absl::Time now) {
  if (!Watches(stream, change.counter)) return;
  // No interval: a slot empties as soon as the stream takes it, and is forgotten with that.
  streams_.at(stream).slots.Offer(change.counter, change, absl::ZeroDuration(), now);
}

std::vector<Change> WatchTable::Take(StreamId stream, absl::Time now, size_t limit) {
  const auto it = streams_.find(stream);
  return it == streams_.end() ? std::vector<Change>() : it->second.slots.Take(now, limit);
}

bool WatchTable::HasPending(StreamId stream) const {
  const auto it = streams_.find(stream);
  return it != streams_.end() && it->second.slots.pending() > 0;
}

bool WatchTable::Watches(StreamId stream, const CounterId& counter) const {
  const auto it = streams_.find(stream);
  return it != streams_.end() && it->second.counters.contains(counter);
}

void WatchTable::CheckInvariants() const {
  size_t pairs = 0;
  for (const auto& [counter, watchers] : watchers_) {
    CheckInvariant(!watchers.empty(), "a watched counter has a watcher");
    for (StreamId stream : watchers) CheckInvariant(Watches(stream, counter), "both sides agree");
    pairs += watchers.size();
  }
  for (const auto& [stream, watcher] : streams_) {
    CheckInvariant(!watcher.counters.empty(), "a kept stream watches something");
    CheckInvariant(watcher.slots.size() <= watcher.counters.size(), "slots are of what is watched");
    watcher.slots.CheckInvariants();
    pairs -= watcher.counters.size();
  }
  CheckInvariant(pairs == 0, "both sides agree on how many");
}

}  // namespace livecounter
