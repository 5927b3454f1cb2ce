// What WebSocket and event streams have in common: a place in the hub, presence with its graces, the
// heartbeat, and how they end (contract §3).

#ifndef LIVECOUNTER_GATEWAY_STREAM_H_
#define LIVECOUNTER_GATEWAY_STREAM_H_

#include <cstdint>
#include <memory>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "core/ids.h"
#include "gateway/catalog.h"
#include "gateway/hub.h"
#include "gateway/loop_parts.h"
#include "gateway/transport.h"

namespace livecounter::gateway {

// A client's standing request.
struct Subscription {
  CounterId counter;
  Field field = Field::kHits;
  std::shared_ptr<const Product> product;
  absl::optional<PresenceHash> presence;  // of a connection that contributes
};

// Belongs to its loop's thread, as its Connection's handler.
class Stream : public StreamHandler,
               protected Subscriber,
               private OpenStreams::Member,
               private LoopTimers::Timer {
 public:
  // Every so often an open stream shows that it is alive.
  static constexpr absl::Duration kHeartbeat = absl::Seconds(25);

  void OnOpen(Connection& connection) final;
  void OnWritable(Connection& connection) final;
  void OnClosed(Connection& connection, absl::optional<uint16_t> client_code) final;

 protected:
  // `parts` outlives the stream.
  Stream(LoopParts& parts, Subscription subscription);

  // Sends what shows the client that the stream is alive.
  virtual void Heartbeat() = 0;
  // Says when to connect again, in `retry_ms`, and closes.
  virtual void CloseWithRetry(int64_t retry_ms) = 0;

  // Closes; nothing more is sent. Such an end is not the client's, so its presence has the longer grace.
  void Close(const CloseReason& reason);

  LoopParts& parts() const { return parts_; }
  Field field() const { return field_; }

 private:
  void OnTimer(absl::Time now) final;
  void OnCounterGone() final;
  void CloseForDrain() final;

  LoopParts& parts_;
  std::shared_ptr<const Product> product_;
  std::unique_ptr<const CounterId> counter_;  // until the stream is open; then the hub knows it
  absl::optional<PresenceHash> presence_;
  Field field_;
  bool is_closing_ = false;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_STREAM_H_
