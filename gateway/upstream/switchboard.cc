#include "gateway/upstream/switchboard.h"

#include <algorithm>

namespace livecounter::gateway {

void Switchboard::Apply(LoopId loop, const LoopCommands& commands, absl::Time now) {
  for (const CounterId& counter : commands.watch) Watch(loop, counter);
  for (const CounterId& counter : commands.unwatch) Unwatch(loop, counter);
  for (const auto& [counter, joined, left] : commands.presence) {
    for (PresenceHash hash : joined) session_.Join(counter, hash);
    for (PresenceHash hash : left) session_.Leave(counter, hash);
  }
  for (const LoopCommands::Hit& hit : commands.hits) Hit(loop, hit);
  for (const LoopCommands::Abandon& abandoned : commands.abandoned) Abandon(loop, abandoned);
  for (const auto& [product, difference] : commands.connections) {
    session_.AddConnections(product, difference);
  }
  for (const UsageEntry& accepted : commands.accepted) {
    session_.CountUsage(accepted.product, accepted.hour, accepted.connections, now);
  }
}

void Switchboard::Watch(LoopId loop, const CounterId& counter) {
  absl::optional<Change> newest = session_.Watch(counter);
  auto& watchers = watchers_[counter];
  if (std::find(watchers.begin(), watchers.end(), loop) == watchers.end()) {
    watchers.push_back(loop);
  } else {
    session_.Unwatch(counter);  // it counts each loop once
  }
  if (newest) loops_.at(loop).news.changes.push_back(*std::move(newest));
}

void Switchboard::Unwatch(LoopId loop, const CounterId& counter) {
  const auto it = watchers_.find(counter);
  if (it == watchers_.end()) return;
  const auto watcher = std::find(it->second.begin(), it->second.end(), loop);
  if (watcher == it->second.end()) return;
  it->second.erase(watcher);
  if (it->second.empty()) watchers_.erase(it);
  session_.Unwatch(counter);
}

void Switchboard::Hit(LoopId loop, const LoopCommands::Hit& hit) {
  const uint64_t ticket = ++last_ticket_;
  callers_[ticket] = {loop, hit.ticket};
  loops_.at(loop).tickets[hit.ticket] = ticket;
  if (hit.idempotency_key.empty()) {
    session_.Hit(hit.counter, ticket, hit.create, hit.product_life);
  } else {
    session_.KeyedHitOnce({ticket,
                           {.counter = hit.counter,
                            .key = hit.idempotency_key,
                            .create = hit.create,
                            .product_life = hit.product_life}});
  }
}

void Switchboard::Abandon(LoopId loop, const LoopCommands::Abandon& abandoned) {
  auto& tickets = loops_.at(loop).tickets;
  const auto it = tickets.find(abandoned.ticket);
  if (it == tickets.end()) return;  // answered meanwhile
  session_.Abandon(abandoned.counter, it->second);
  callers_.erase(it->second);
  tickets.erase(it);
}

void Switchboard::Deliver() {
  for (const Change& change : session_.TakeChanges()) {
    const auto it = watchers_.find(change.counter);
    if (it == watchers_.end()) continue;
    for (LoopId loop : it->second) loops_.at(loop).news.changes.push_back(change);
  }
  const std::vector<ProductConnections> elsewhere = session_.TakeConnectionsElsewhere();
  if (!elsewhere.empty()) {
    for (auto& [id, loop] : loops_) loop.news.connections_elsewhere = elsewhere;
  }
  DeliverNews();
  for (HitOutcome& outcome : session_.TakeOutcomes()) Answer(std::move(outcome));
  DeliverNews();
}

void Switchboard::DeliverNews() {
  for (auto& [id, loop] : loops_) {
    if (loop.news.empty()) continue;
    loop.inbox(std::exchange(loop.news, {}));
  }
}

void Switchboard::Answer(HitOutcome outcome) {
  const auto it = callers_.find(outcome.ticket);
  if (it == callers_.end()) return;
  Loop& loop = loops_.at(it->second.loop);
  outcome.ticket = it->second.ticket;
  loop.tickets.erase(outcome.ticket);
  loop.news.outcomes.push_back(std::move(outcome));
  callers_.erase(it);
}

}  // namespace livecounter::gateway
