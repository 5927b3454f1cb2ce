#include "core/watch_list.h"

#include <algorithm>
#include <utility>

#include "core/check.h"

namespace livecounter {
namespace {

void MoveAll(std::vector<HitOutcome>* from, std::vector<HitOutcome>* to) {
  std::move(from->begin(), from->end(), std::back_inserter(*to));
  from->clear();
}

}  // namespace

void WatchList::Settle(Subscriptions::iterator it) {
  Subscription& subscription = it->second;
  const bool wanted = subscription.watchers > 0;
  const bool untold = wanted != subscription.told;
  if (untold && subscription.place == 0) {
    subscription.place = ++last_place_;
    untold_.emplace(subscription.place, it->first);
  }
  if (!untold && subscription.place != 0) {
    untold_.erase(subscription.place);
    subscription.place = 0;
  }
  if (!wanted && !subscription.told) subscriptions_.erase(it);
}

absl::optional<Change> WatchList::Watch(const CounterId& counter) {
  const auto it = subscriptions_.try_emplace(counter).first;
  Subscription& subscription = it->second;
  ++subscription.watchers;
  Settle(it);
  if (subscription.newest) subscription.floor = subscription.newest->present;
  return subscription.newest;
}

void WatchList::Unwatch(const CounterId& counter, std::vector<HitOutcome>* outcomes) {
  const auto it = subscriptions_.find(counter);
  if (it == subscriptions_.end() || it->second.watchers == 0) return;
  Subscription& subscription = it->second;
  if (--subscription.watchers > 0) return;
  subscription.changed = false;
  MoveAll(&subscription.waiting, outcomes);
  Settle(it);
}

void WatchList::TellAnew(bool stream_broke) {
  std::vector<CounterId> counters;
  for (const auto& [counter, subscription] : subscriptions_) {
    if (stream_broke || subscription.watchers > 0) counters.push_back(counter);
  }
  std::sort(counters.begin(), counters.end());  // the same order in every run
  for (const CounterId& counter : counters) {
    const auto it = subscriptions_.find(counter);
    it->second.told = false;
    Settle(it);
  }
}

void WatchList::TellAll() { TellAnew(/*stream_broke=*/false); }

void WatchList::OnClosed(std::vector<HitOutcome>* outcomes) {
  TellAnew(/*stream_broke=*/true);
  for (auto& [counter, subscription] : subscriptions_) MoveAll(&subscription.waiting, outcomes);
  std::sort(outcomes->begin(), outcomes->end(),
            [](const HitOutcome& a, const HitOutcome& b) { return a.ticket < b.ticket; });
}

void WatchList::Fill(HolderFrame* frame, FrameBudget* budget) {
  while (!untold_.empty() && !budget->full()) {
    const auto it = subscriptions_.find(untold_.begin()->second);
    Subscription& subscription = it->second;
    const bool wanted = subscription.watchers > 0;
    budget->Spend(1, 0, FrameBudget::NameBytes(it->first));
    if (wanted) {
      frame->watch.push_back({.counter = it->first, .floor = subscription.floor});
    } else {
      frame->unwatch.push_back(it->first);
    }
    subscription.told = wanted;
    Settle(it);
  }
}

void WatchList::OnChange(const Change& change, std::vector<HitOutcome>* outcomes) {
  const auto it = subscriptions_.find(change.counter);
  if (it == subscriptions_.end()) return;
  Subscription& subscription = it->second;
  if (subscription.newest && change.version <= subscription.newest->version) return;
  subscription.newest = change;
  if (subscription.watchers == 0) return;  // kept for one who may watch again before we unwatch
  if (!subscription.changed) {
    subscription.changed = true;
    changed_.push_back(change.counter);
  }
  const auto shown = std::stable_partition(
      subscription.waiting.begin(), subscription.waiting.end(),
      [&](const HitOutcome& outcome) { return outcome.version <= change.version; });
  std::move(subscription.waiting.begin(), shown, std::back_inserter(*outcomes));
  subscription.waiting.erase(subscription.waiting.begin(), shown);
}

void WatchList::OnOutcome(const CounterId& counter, HitOutcome outcome,
                          std::vector<HitOutcome>* outcomes) {
  const auto it = subscriptions_.find(counter);
  const bool watched = it != subscriptions_.end() && it->second.watchers > 0;
  if (outcome.status.ok() && watched &&
      it->second.newest.value_or(Change()).version < outcome.version) {
    it->second.waiting.push_back(std::move(outcome));
  } else {
    outcomes->push_back(std::move(outcome));
  }
}

void WatchList::Abandon(const CounterId& counter, uint64_t ticket) {
  const auto it = subscriptions_.find(counter);
  if (it == subscriptions_.end()) return;
  std::vector<HitOutcome>& waiting = it->second.waiting;
  waiting.erase(std::remove_if(waiting.begin(), waiting.end(),
                               [&](const HitOutcome& outcome) { return outcome.ticket == ticket; }),
                waiting.end());
}

std::vector<Change> WatchList::TakeChanges() {
  std::vector<Change> changes;
  for (const CounterId& counter : changed_) {
    const auto it = subscriptions_.find(counter);
    if (it == subscriptions_.end() || !it->second.changed) continue;
    it->second.changed = false;
    it->second.floor = it->second.newest->present;
    changes.push_back(*it->second.newest);
  }
  changed_.clear();
  return changes;
}

void WatchList::CheckInvariants() const {
  size_t untold = 0;
  size_t changed = 0;
  for (const auto& [counter, subscription] : subscriptions_) {
    untold += untold_.contains(subscription.place);
    changed += subscription.changed;
    CheckInvariant(((subscription.watchers > 0) != subscription.told) == (subscription.place != 0),
                   "the receiver is told of every difference");
    const bool watched = subscription.watchers > 0;
    CheckInvariant(Implies(subscription.changed, subscription.newest.has_value()),
                   "what is to be taken is there");
    CheckInvariant(Implies(!watched, subscription.told), "what nobody watches is forgotten");
    CheckInvariant(Implies(!watched, subscription.waiting.empty()),
                   "outcomes wait only where somebody watches");
    for (const HitOutcome& outcome : subscription.waiting) {
      CheckInvariant(subscription.newest.value_or(Change()).version < outcome.version,
                     "no outcome waits for what has come");
    }
  }
  CheckInvariant(untold == untold_.size(), "every difference is in the queue, once");
  CheckInvariant(changed <= changed_.size(), "every change is in the queue");
}

}  // namespace livecounter
