#include "core/counter_table.h"

#include <algorithm>

#include "core/check.h"

namespace livecounter {
namespace {

void SortByCounter(std::vector<Change>* changes) {
  std::sort(changes->begin(), changes->end(),
            [](const Change& a, const Change& b) { return a.counter < b.counter; });
}

}  // namespace

bool CounterTable::Loaded(const CounterId& counter) const {
  const auto it = counters_.find(counter);
  return it != counters_.end() && it->second.loaded;
}

CounterTable::Counters::iterator CounterTable::Touch(const CounterId& counter) {
  const auto [it, fresh] = counters_.try_emplace(counter);
  if (fresh) it->second.revision = first_revision_;
  return it;
}

const CounterTable::Counter& CounterTable::Get(const CounterId& counter) const {
  CheckInvariant(Loaded(counter), "a counter is loaded before it is used");
  return counters_.at(counter);
}

void CounterTable::Load(const CounterId& counter, absl::optional<int64_t> hits, uint64_t revision) {
  CheckInvariant(!Loaded(counter), "a counter is loaded once");
  const bool shown = counters_.contains(counter);  // without hits
  Counter& loaded = Touch(counter)->second;
  loaded.loaded = true;
  loaded.hits = hits;
  loaded.revision = std::max(revision, loaded.revision + (shown ? 1 : 0));
}

Change CounterTable::MakeChange(const CounterId& id, const Counter& counter,
                                absl::Time accepted_at) const {
  return {.counter = id,
          .version = {.epoch = epoch_, .revision = counter.revision},
          .hits = counter.hits,
          .present = Visible(counter),
          .accepted_at = accepted_at};
}

Change CounterTable::Read(const CounterId& counter) const {
  return MakeChange(counter, Get(counter), absl::InfinitePast());
}

uint64_t CounterTable::NextRevision(const CounterId& counter) const {
  return Get(counter).revision + 1;
}

absl::optional<Change> CounterTable::SetHits(const CounterId& counter, absl::optional<int64_t> hits,
                                             absl::Time now) {
  if (Get(counter).hits == hits) return absl::nullopt;
  Counter& changed = counters_.at(counter);
  changed.hits = hits;
  ++changed.revision;
  return MakeChange(counter, changed, now);
}

absl::optional<Change> CounterTable::Settle(Counters::iterator it, int64_t visible_before,
                                            absl::Time now) {
  Counter& counter = it->second;
  absl::optional<Change> change;
  if (Visible(counter) != visible_before) {
    ++counter.revision;
    change = MakeChange(it->first, counter, now);
  }
  if (!counter.loaded && Visible(counter) == 0) Erase(it);
  return change;
}

void CounterTable::Erase(Counters::iterator it) {
  first_revision_ = std::max(first_revision_, it->second.revision + 1);
  counters_.erase(it);
}

absl::optional<Change> CounterTable::Join(const CounterId& counter, PresenceHash hash,
                                          absl::Time now) {
  const auto it = Touch(counter);
  const int64_t before = Visible(it->second);
  if (!it->second.present.Contains(hash)) it->second.present.Add(hash);
  return Settle(it, before, now);
}

absl::optional<Change> CounterTable::Leave(const CounterId& counter, PresenceHash hash,
                                           absl::Time now) {
  const auto it = counters_.find(counter);
  if (it == counters_.end()) return absl::nullopt;
  const int64_t before = Visible(it->second);
  it->second.present.Remove(hash);
  return Settle(it, before, now);
}

absl::optional<Change> CounterTable::RaiseFloor(const CounterId& counter, int64_t floor,
                                                absl::Time now) {
  if (floor <= 0) return absl::nullopt;
  const auto it = Touch(counter);
  const int64_t before = Visible(it->second);
  it->second.floor = std::max(it->second.floor, floor);
  return Settle(it, before, now);
}

std::vector<Change> CounterTable::DropFloors(absl::Time now) {
  std::vector<CounterId> floored;
  for (const auto& [id, counter] : counters_) {
    if (counter.floor > 0) floored.push_back(id);
  }
  std::vector<Change> changes;
  for (const CounterId& id : floored) {
    const auto it = counters_.find(id);
    const int64_t before = Visible(it->second);
    it->second.floor = 0;
    if (absl::optional<Change> change = Settle(it, before, now)) changes.push_back(*change);
  }
  SortByCounter(&changes);
  return changes;
}

std::vector<Change> CounterTable::RaiseEpoch(uint64_t epoch, absl::Time now) {
  CheckInvariant(epoch > epoch_, "an epoch is only ever raised");
  epoch_ = epoch;
  std::vector<Change> changes;
  for (const auto& [id, counter] : counters_) {
    if (counter.loaded) changes.push_back(MakeChange(id, counter, now));
  }
  SortByCounter(&changes);
  return changes;
}

bool CounterTable::Forget(const CounterId& counter) {
  const auto it = counters_.find(counter);
  if (it == counters_.end()) return true;
  if (Visible(it->second) > 0) return false;
  Erase(it);
  return true;
}

void CounterTable::CheckInvariants() const {
  for (const auto& [id, counter] : counters_) {
    counter.present.CheckInvariants();
    CheckInvariant(counter.floor >= 0, "a floor is not negative");
    CheckInvariant(Implies(!counter.loaded, Visible(counter) > 0),
                   "a counter is kept for something");
    CheckInvariant(Implies(!counter.loaded, !counter.hits), "hits come by Load()");
  }
}

}  // namespace livecounter
