// One event loop's view of the counters that its clients read and stream: one watch upstream a counter,
// the newest value of each, and the fan-out to the streams that show it (design §4, §9). Counters of
// inactive accounts show example data (core/example_data.h) and are not watched.

#ifndef LIVECOUNTER_GATEWAY_HUB_H_
#define LIVECOUNTER_GATEWAY_HUB_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>

#include "absl/container/node_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "core/change.h"
#include "core/conflator.h"
#include "core/ids.h"
#include "gateway/catalog.h"
#include "gateway/loop_link.h"
#include "gateway/loop_timers.h"
#include "gateway/task_scope.h"
#include "gateway/topic.h"
#include "gateway/transport.h"
#include "gateway/update_tally.h"
#include "observability/metrics.h"

namespace livecounter::gateway {

// Which of a counter's two numbers a stream shows.
enum class Field { kHits, kPresent };

// Belongs to its loop's thread.
class Hub final : private LoopTimers::Source {
 public:
  // A counter's numbers at one version. `hits` is nothing where the hit counter does not exist, and 0
  // where it need not (the product has auto_create_counters).
  struct Reading {
    Version version;
    absl::optional<int64_t> hits;
    int64_t present = 0;
  };
  using ReadDone = std::function<void(const absl::optional<Reading>&)>;

  // How long a counter stays watched after its last reader or stream, so that plain GETs in a row find
  // it known.
  static constexpr absl::Duration kLinger = absl::Seconds(2);
  // Streams written to in one turn of the loop: what a hot counter makes others wait for.
  static constexpr size_t kSlice = 256;

  // All outlive the hub.
  Hub(EventLoop& loop, LoopLink& link, LoopTimers& timers, observability::GatewayMetrics& metrics);
  ~Hub();

  // Calls `done` once with the newest numbers: at once if they are known and not behind `at_least`,
  // else when they come, or after `patience` with what is known then, which may be nothing. Numbers of
  // another epoch than that of `at_least` are never behind it.
  void Read(const CounterId& counter, ProductPtr product, const Version& at_least,
            absl::Duration patience, ReadDone done);

  // `subscriber` shows `field` of the counter from now on: the newest value at once if known, then
  // every change, at most one per min_update_interval of the product. It is never given a value of a
  // lower version than one before.
  void Subscribe(Subscriber& subscriber, const CounterId& counter, Field field, ProductPtr product);
  // Before a subscriber goes.
  void Unsubscribe(Subscriber& subscriber);
  // What a subscriber shows; good until it is unsubscribed.
  const CounterId& CounterOf(const Subscriber& subscriber) const;
  // Nothing more is sent to it. It is still to be unsubscribed.
  void Silence(Subscriber& subscriber) { subscriber.topic_->Silence(subscriber); }
  // Send() to its connection can be tried again.
  void OnWritable(Subscriber& subscriber) { subscriber.topic_->OnWritable(subscriber); }
  // Sends the newest value again, unless the socket is full.
  void Repeat(Subscriber& subscriber) { subscriber.topic_->Repeat(subscriber); }

  // Products may have changed: each counter's is what `find` says of its name, where that is not null.
  void BringUpProducts(const std::function<ProductPtr(absl::string_view)>& find);

  // From the link: the newest numbers of a counter. Lower versions than what is known are dropped. What
  // it changes for streams goes out with the next Publish().
  void OnChange(const Change& change);
  // Starts the fan-out of what is due; goes on by itself.
  void Publish();

  // Where what is sent to its streams is counted.
  UpdateTally& tally() { return tally_; }

  // Reads that wait; counters watched.
  int64_t waiting_reads() const { return waiting_reads_; }
  size_t watched() const { return watched_.size(); }

 private:
  struct Watched;
  class WaitingRead;
  struct WatchedTopic;
  // What the conflator orders: which topic is due, and by which version.
  struct Due {
    Version version;
    WatchedTopic* topic;
  };

  absl::Time NextDue() const override { return conflator_.NextDue(); }
  void OnDue(absl::Time /*now*/) override { Publish(); }

  // Follows the counter if it does not yet; it has one user more.
  Watched& Use(const CounterId& counter, const ProductPtr& product);
  void EndUse(Watched& watched);
  void Forget(Watched& watched);

  // Gets numbers from now on: watches upstream, or makes them up where the account is inactive.
  void Follow(Watched& watched);
  void SetProduct(Watched& watched, const ProductPtr& product);
  // The example data of now, and the next when it is due.
  void ShowExample(Watched& watched);
  // The counter has other numbers.
  void Apply(Watched& watched, const Change& change);

  void FinishReads(Watched& watched);
  void GiveUp(WaitingRead& read);
  void Finish(Watched& watched, std::unique_ptr<WaitingRead> read);

  // Brings a topic up to its counter's newest numbers. Whether that changed its value.
  static bool Refresh(WatchedTopic& topic);
  // The topic's streams are to be served by Pump().
  void FanOut(WatchedTopic& topic);
  // One slice of that, and the rest later.
  void Pump();

  EventLoop& loop_;
  LoopLink& link_;
  LoopTimers& timers_;
  observability::GatewayMetrics& metrics_;
  UpdateTally tally_;
  absl::node_hash_map<CounterId, Watched> watched_;
  int64_t waiting_reads_ = 0;
  Conflator<WatchedTopic*, Due> conflator_;
  std::deque<WatchedTopic*> fan_out_;  // topics with streams to serve, next first
  bool pump_is_posted_ = false;
  TaskScope tasks_;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_HUB_H_
