// A stream that shows one number of one counter, and may count as present (contract §2, §3).

#ifndef LIVECOUNTER_GATEWAY_COUNTER_STREAM_H_
#define LIVECOUNTER_GATEWAY_COUNTER_STREAM_H_

#include <memory>

#include "absl/types/optional.h"
#include "core/ids.h"
#include "gateway/catalog.h"
#include "gateway/hub.h"
#include "gateway/loop_parts.h"
#include "gateway/presence_id.h"
#include "gateway/stream.h"
#include "gateway/transport.h"

namespace livecounter::gateway {

// A client's standing request.
struct Subscription {
  CounterId counter;
  Field field = Field::kHits;
  PresenceId presence = {};  // of a connection that contributes
};

// Belongs to its loop's thread.
class CounterStream : public Stream, protected Subscriber {
 public:
  void OnWritable(Connection& /*connection*/) final { parts().hub.OnWritable(*this); }

 protected:
  // `parts` outlives the stream.
  CounterStream(LoopParts& parts, LoopProducts::Place place, Subscription subscription);

  Field field() const { return field_; }

 private:
  void Begin() final;
  // A client that left by itself has the shorter grace.
  void End(bool client_left) final;
  void Silence() final { parts().hub.Silence(*this); }
  bool Show(Topic& topic) final { return topic.SendTo(connection()); }
  void OnCounterGone() final;
  // Verification may have been switched on or off.
  void OnProduct() final;

  std::unique_ptr<const CounterId> counter_;  // until the stream is open; then the hub knows it
  const PresenceId presence_;
  Field field_;
  bool is_gated_ = false;  // whether it counts is for its users' gate to say
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_COUNTER_STREAM_H_
