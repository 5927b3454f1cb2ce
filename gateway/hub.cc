#include "gateway/hub.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace livecounter::gateway {

// A topic with the counter that it is of, and its place in the fan-out.
struct Hub::WatchedTopic final : Topic {
  WatchedTopic(Watched& watched, Field field, observability::GatewayMetrics& metrics)
      : Topic(metrics), watched(watched), field(field) {}

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
  Watched(Hub& hub, const CounterId& counter) : hub(hub), counter(counter) {}

  // kLinger has passed since the last use.
  void OnTimer(absl::Time /*now*/) override { hub.Forget(*this); }

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
  std::shared_ptr<const Product> product;  // as of the newest use
  absl::optional<Change> newest;
  int64_t users = 0;  // reads and streams
  std::vector<std::unique_ptr<WaitingRead>> reads;
  std::array<std::unique_ptr<WatchedTopic>, 2> topics;  // by field, made when first streamed
};

Hub::Hub(EventLoop& loop, LoopLink& link, LoopTimers& timers,
         observability::GatewayMetrics& metrics)
    : loop_(loop), link_(link), timers_(timers), metrics_(metrics), tasks_(loop) {
  timers_.AddSource(this);
}

Hub::~Hub() = default;

Hub::Watched& Hub::Use(const CounterId& counter, std::shared_ptr<const Product> product) {
  const auto [it, is_new] = watched_.try_emplace(counter, *this, counter);
  Watched& watched = it->second;
  if (is_new) link_.Watch(counter);
  if (watched.users++ == 0) timers_.Disarm(&watched);
  watched.product = std::move(product);
  return watched;
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
  link_.Unwatch(watched.counter);
  watched_.erase(watched_.find(watched.counter));
}

void Hub::Read(const CounterId& counter, std::shared_ptr<const Product> product,
               const Version& at_least, absl::Duration patience, ReadDone done) {
  Watched& watched = Use(counter, std::move(product));
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
                    std::shared_ptr<const Product> product) {
  Watched& watched = Use(counter, std::move(product));
  std::unique_ptr<WatchedTopic>& topic = watched.topics[static_cast<size_t>(field)];
  if (topic == nullptr) {
    topic = std::make_unique<WatchedTopic>(watched, field, metrics_);
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
  const bool is_first = !watched.newest;
  if (!is_first && change.version <= watched.newest->version) return;
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
  return topic.Set({newest.version, topic.watched.number(topic.field), newest.accepted_at});
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
