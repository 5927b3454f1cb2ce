#include "services/counter/watches.h"

#include <algorithm>
#include <utility>

#include "core/check.h"

namespace livecounter::counter {

bool Watches::Start(StreamId stream, const CounterId& counter, int64_t floor, absl::Time now) {
  const auto [it, is_new] = watched_.try_emplace(counter);
  Watched& watched = it->second;
  StopWaiting(stream, counter);
  watched.waiting.push_back({stream, floor});
  unanswered_[stream].insert(counter);
  if (is_new) engine_.Watch(counter);
  std::vector<StreamId> answered;
  AnswerWaiting(watched, now, &answered);
  return !answered.empty();
}

std::vector<CounterId> Watches::BelowFloors() const {
  const auto has_floor = [](const Waiting& waiting) { return waiting.floor > 0; };
  std::vector<CounterId> counters;
  for (const auto& [counter, watched] : watched_) {
    const bool any = std::any_of(watched.waiting.begin(), watched.waiting.end(), has_floor);
    if (any) counters.push_back(counter);
  }
  return counters;
}

std::vector<StreamId> Watches::DropFloors(const CounterId& counter,
                                          const absl::optional<Change>& read, absl::Time now) {
  std::vector<StreamId> streams;
  if (read) streams = Publish({*read}, now);
  if (const auto it = watched_.find(counter); it != watched_.end()) {
    for (Waiting& waiting : it->second.waiting) waiting.floor = 0;
    AnswerWaiting(it->second, now, &streams);
  }
  return streams;
}

void Watches::Stop(StreamId stream, const CounterId& counter) {
  StopWaiting(stream, counter);
  if (table_.Unwatch(stream, counter)) LeftTable(counter);
  ReleaseIfUnwatched(counter);
}

void Watches::Drop(StreamId stream) {
  if (const auto it = unanswered_.find(stream); it != unanswered_.end()) {
    const absl::flat_hash_set<CounterId> counters = it->second;
    for (const CounterId& counter : counters) {
      StopWaiting(stream, counter);
      ReleaseIfUnwatched(counter);
    }
  }
  for (const CounterId& counter : table_.Drop(stream)) {
    LeftTable(counter);
    ReleaseIfUnwatched(counter);
  }
}

std::vector<StreamId> Watches::Publish(const std::vector<Change>& changes, absl::Time now) {
  std::vector<StreamId> streams;
  for (const Change& change : changes) {
    const auto it = watched_.find(change.counter);
    if (it == watched_.end()) continue;  // on its way when the last one stopped watching
    Watched& watched = it->second;
    if (watched.newest && change.version <= watched.newest->version) continue;
    watched.newest = change;
    const std::vector<StreamId> woken = table_.Publish(change, now);
    streams.insert(streams.end(), woken.begin(), woken.end());
    AnswerWaiting(watched, now, &streams);
  }
  return streams;
}

void Watches::AnswerWaiting(Watched& watched, absl::Time now, std::vector<StreamId>* answered) {
  if (!watched.newest || watched.waiting.empty()) return;
  const Change& newest = *watched.newest;
  const auto is_below = [&](const Waiting& waiting) { return waiting.floor > newest.present; };
  const auto reached =
      std::stable_partition(watched.waiting.begin(), watched.waiting.end(), is_below);
  for (auto it = reached; it != watched.waiting.end(); ++it) {
    table_.Watch(it->stream, newest.counter);
    watched.in_table = true;
    table_.Answer(it->stream, newest, now);
    answered->push_back(it->stream);
    const auto unanswered = unanswered_.find(it->stream);
    unanswered->second.erase(newest.counter);
    if (unanswered->second.empty()) unanswered_.erase(unanswered);
  }
  watched.waiting.erase(reached, watched.waiting.end());
}

void Watches::StopWaiting(StreamId stream, const CounterId& counter) {
  const auto unanswered = unanswered_.find(stream);
  if (unanswered == unanswered_.end() || unanswered->second.erase(counter) == 0) return;
  if (unanswered->second.empty()) unanswered_.erase(unanswered);
  std::vector<Waiting>& waiting = watched_.at(counter).waiting;
  waiting.erase(std::find_if(waiting.begin(), waiting.end(),
                             [&](const Waiting& w) { return w.stream == stream; }));
}

void Watches::LeftTable(const CounterId& counter) { watched_.at(counter).in_table = false; }

void Watches::ReleaseIfUnwatched(const CounterId& counter) {
  const auto it = watched_.find(counter);
  if (it == watched_.end() || it->second.in_table || !it->second.waiting.empty()) return;
  watched_.erase(it);
  engine_.Unwatch(counter);
}

void Watches::CheckInvariants() const {
  table_.CheckInvariants();
  size_t waiting = 0;
  size_t in_table = 0;
  for (const auto& [counter, watched] : watched_) {
    waiting += watched.waiting.size();
    in_table += watched.in_table ? 1 : 0;
    CheckInvariant(watched.in_table || !watched.waiting.empty(), "somebody watches each counter");
    for (const Waiting& w : watched.waiting) {
      const auto it = unanswered_.find(w.stream);
      CheckInvariant(it != unanswered_.end() && it->second.contains(counter),
                     "who waits is unanswered");
    }
  }
  CheckInvariant(in_table == table_.watched_counters(), "the table knows who had a first value");
  for (const auto& [stream, counters] : unanswered_) {
    CheckInvariant(!counters.empty(), "an unanswered stream waits for something");
    CheckInvariant(waiting >= counters.size(), "who is unanswered waits");
    waiting -= counters.size();
  }
  CheckInvariant(waiting == 0, "each first value is waited for once");
}

}  // namespace livecounter::counter
