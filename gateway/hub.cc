#include "gateway/hub.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "core/example_data.h"

namespace livecounter::gateway {

// A topic with the counter that it is of, and its place in the fan-out.
struct Hub::WatchedTopic final : Topic {
  WatchedTopic(Watched& watched, Field field, UpdateTally& tally)
      : Topic(tally), watched(watched), field(field) {}

  Watched& watched;
  const Field field;
  bool is_queued = false;  // in fan_out_
};

class Hub::WaitingRead final : public LoopTimers::Timer {
 public:
  WaitingRead(Hub& hub, Watched& watched, const Version& at_least, ReadDone done)
      : watched(watched), at_least(at_least), done(std::move(done)), hub_(hub) {}

  void OnTimer(absl::Time /*now*/) override { hub_.GiveUp(*this); }

  Watched& watched;
  const Version at_least;
  ReadDone done;

 private:
  Hub& hub_;
};

struct Hub::Watched final : LoopTimers::Timer {
  Watched(Hub& hub, const CounterId& counter, ProductPtr product)
      : hub(hub), counter(counter), product(std::move(product)) {}

  // kLinger has passed since the last use, or the next example data is due.
  void OnTimer(absl::Time /*now*/) override {
    if (users == 0) {
      hub.Forget(*this);
    } else {
      hub.ShowExample(*this);
    }
  }

  bool knows(const Version& at_least) const {
    return newest && (newest->version.epoch != at_least.epoch || newest->version >= at_least);
  }

  absl::optional<int64_t> number(Field field) const {
    if (field == Field::kPresent) return newest->present;
    if (!newest->hits && product->auto_create_counters) return 0;
    return newest->hits;
  }

  absl::optional<Reading> reading() const {
    if (!newest) return absl::nullopt;
    return Reading{newest->version, number(Field::kHits), newest->present};
  }

  Hub& hub;
  const CounterId counter;
  ProductPtr product;
  absl::optional<Change> newest;
  int64_t users = 0;  // reads and streams
  std::vector<std::unique_ptr<WaitingRead>> reads;
  std::array<std::unique_ptr<WatchedTopic>, 2> topics;  // by field, made when first streamed
};

Hub::Hub(EventLoop& loop, LoopLink& link, LoopTimers& timers,
         observability::GatewayMetrics& metrics)
    : loop_(loop),
      link_(link),
      timers_(timers),
      metrics_(metrics),
      tally_(loop, timers, metrics),
      tasks_(loop) {
  timers_.AddSource(this);
}

Hub::~Hub() { metrics_.watched_counters().Decrement(static_cast<double>(watched_.size())); }

Hub::Watched& Hub::Use(const CounterId& counter, const ProductPtr& product) {
  const auto [it, is_new] = watched_.try_emplace(counter, *this, counter, product);
  Watched& watched = it->second;
  const bool was_idle = watched.users++ == 0;
  if (was_idle) timers_.Disarm(&watched);
  if (is_new) {
    metrics_.watched_counters().Increment();
    Follow(watched);
  } else {
    SetProduct(watched, product);
    if (was_idle && !watched.product->active) ShowExample(watched);
  }
  return watched;
}

void Hub::Follow(Watched& watched) {
  if (watched.product->active) {
    link_.Watch(watched.counter);
  } else {
    ShowExample(watched);
  }
}

void Hub::SetProduct(Watched& watched, const ProductPtr& product) {
  const ProductPtr before = std::exchange(watched.product, product);
  if (before == product) return;
  if (before->active != product->active) {
    if (before->active) link_.Unwatch(watched.counter);
    watched.newest.reset();
    for (const auto& topic : watched.topics) {
      if (topic == nullptr) continue;
      conflator_.Forget(topic.get());
      topic->Forget();
    }
    if (watched.users > 0) timers_.Disarm(&watched);
    Follow(watched);
  } else if (watched.newest) {
    Apply(watched, Change(*watched.newest));
  }
}

void Hub::BringUpProducts(const std::function<ProductPtr(absl::string_view)>& find) {
  // A read that is finished may follow another counter.
  std::vector<Watched*> all;
  for (auto& [counter, watched] : watched_) all.push_back(&watched);
  for (Watched* watched : all) {
    if (const ProductPtr product = find(watched->counter.product)) SetProduct(*watched, product);
  }
  Publish();
}

void Hub::ShowExample(Watched& watched) {
  const absl::Time now = loop_.Now();
  const ExampleNumbers numbers = ExampleNumbersAt(watched.counter, now);
  Apply(watched, {.counter = watched.counter,
                  .version = numbers.version,
                  .hits = numbers.hits,
                  .present = numbers.present,
                  .accepted_at = absl::InfinitePast()});
  if (watched.users > 0) timers_.Arm(&watched, NextExampleStep(watched.counter, now));
  Publish();
}

void Hub::EndUse(Watched& watched) {
  if (--watched.users == 0) timers_.Arm(&watched, loop_.Now() + kLinger);
}

void Hub::Forget(Watched& watched) {
  for (const auto& topic : watched.topics) {
    if (topic == nullptr) continue;
    conflator_.Forget(topic.get());
    fan_out_.erase(std::remove(fan_out_.begin(), fan_out_.end(), topic.get()), fan_out_.end());
  }
  if (watched.product->active) link_.Unwatch(watched.counter);
  watched_.erase(watched_.find(watched.counter));
  metrics_.watched_counters().Decrement();
}

void Hub::Read(const CounterId& counter, ProductPtr product, const Version& at_least,
               absl::Duration patience, ReadDone done) {
  Watched& watched = Use(counter, product);
  auto read = std::make_unique<WaitingRead>(*this, watched, at_least, std::move(done));
  ++waiting_reads_;
  if (watched.knows(at_least)) {
    Finish(watched, std::move(read));
    return;
  }
  timers_.ArmWithin(read.get(), patience);
  watched.reads.push_back(std::move(read));
}

void Hub::FinishReads(Watched& watched) {
  const auto ready =
      std::stable_partition(watched.reads.begin(), watched.reads.end(),
                            [&](const auto& read) { return !watched.knows(read->at_least); });
  std::vector<std::unique_ptr<WaitingRead>> finished(std::make_move_iterator(ready),
                                                     std::make_move_iterator(watched.reads.end()));
  watched.reads.erase(ready, watched.reads.end());
  for (auto& read : finished) Finish(watched, std::move(read));
}

void Hub::GiveUp(WaitingRead& read) {
  Watched& watched = read.watched;
  const auto found = std::find_if(watched.reads.begin(), watched.reads.end(),
                                  [&](const auto& other) { return other.get() == &read; });
  std::unique_ptr<WaitingRead> owned = std::move(*found);
  watched.reads.erase(found);
  Finish(watched, std::move(owned));
}

void Hub::Finish(Watched& watched, std::unique_ptr<WaitingRead> read) {
  --waiting_reads_;
  read->done(watched.reading());
  EndUse(watched);
}

void Hub::Subscribe(Subscriber& subscriber, const CounterId& counter, Field field,
                    ProductPtr product) {
  Watched& watched = Use(counter, product);
  std::unique_ptr<WatchedTopic>& topic = watched.topics[static_cast<size_t>(field)];
  if (topic == nullptr) {
    topic = std::make_unique<WatchedTopic>(watched, field, tally_);
    if (watched.newest) Refresh(*topic);
  }
  topic->Add(subscriber);
}

void Hub::Unsubscribe(Subscriber& subscriber) {
  WatchedTopic& topic = static_cast<WatchedTopic&>(*subscriber.topic_);
  topic.Remove(subscriber);
  EndUse(topic.watched);
}

const CounterId& Hub::CounterOf(const Subscriber& subscriber) const {
  return static_cast<const WatchedTopic&>(*subscriber.topic_).watched.counter;
}

void Hub::OnChange(const Change& change) {
  const auto found = watched_.find(change.counter);
  if (found == watched_.end()) return;
  Watched& watched = found->second;
  if (!watched.product->active) return;
  if (watched.newest && change.version <= watched.newest->version) return;
  Apply(watched, change);
}

void Hub::Apply(Watched& watched, const Change& change) {
  const bool is_first = !watched.newest;
  watched.newest = change;
  for (const auto& topic : watched.topics) {
    if (topic == nullptr || !Refresh(*topic)) continue;
    if (is_first) {
      FanOut(*topic);  // what streams open with; the first change does not wait for it
    } else {
      conflator_.Offer(topic.get(), {change.version, topic.get()},
                       watched.product->min_update_interval, loop_.Now());
    }
  }
  FinishReads(watched);
}

bool Hub::Refresh(WatchedTopic& topic) {
  const Change& newest = *topic.watched.newest;
  return topic.Set({.version = newest.version,
                    .number = topic.watched.number(topic.field),
                    .accepted_at = newest.accepted_at,
                    .is_example = !topic.watched.product->active});
}

void Hub::Publish() {
  for (const Due& due : conflator_.Take(loop_.Now())) FanOut(*due.topic);
  if (!pump_is_posted_) Pump();
  timers_.Reschedule();
}

void Hub::FanOut(WatchedTopic& topic) {
  topic.Publish();
  if (std::exchange(topic.is_queued, true)) return;
  fan_out_.push_back(&topic);
}

void Hub::Pump() {
  size_t budget = kSlice;
  while (budget > 0 && !fan_out_.empty()) {
    WatchedTopic& topic = *fan_out_.front();
    fan_out_.pop_front();
    budget -= topic.Deliver(budget, loop_.Now());
    topic.is_queued = topic.has_waiting();
    if (topic.is_queued) fan_out_.push_back(&topic);
  }
  if (fan_out_.empty()) return;
  pump_is_posted_ = true;
  tasks_.Post([this] {
    pump_is_posted_ = false;
    Pump();
  });
}

}  // namespace livecounter::gateway
