// What every open stream has, whatever it shows: a place among the open ones, the heartbeat, and an end
// (contract §3, §7).

#ifndef LIVECOUNTER_GATEWAY_STREAM_H_
#define LIVECOUNTER_GATEWAY_STREAM_H_

#include <cstdint>
#include <utility>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "gateway/loop_parts.h"
#include "gateway/loop_products.h"
#include "gateway/transport.h"

namespace livecounter::gateway {

// Belongs to its loop's thread, as its Connection's handler.
class Stream : public StreamHandler, private OpenStreams::Member, private LoopTimers::Timer {
 public:
  // Every so often an open stream shows that it is alive.
  static constexpr absl::Duration kHeartbeat = absl::Seconds(25);

  void OnOpen(Connection& connection) final;
  void OnClosed(Connection& connection, absl::optional<uint16_t> client_code) final;

 protected:
  // `parts` outlives the stream, which counts as a connection of the place's product for its life.
  Stream(LoopParts& parts, LoopProducts::Place place) : parts_(parts), place_(std::move(place)) {}

  // The connection is open: from here on things may be sent.
  virtual void Begin() = 0;
  // It is gone. `client_left`: the client said so itself, in a clean close that was not an answer to ours.
  virtual void End(bool client_left) = 0;
  // Sends what shows the client that the stream is alive.
  virtual void Heartbeat() = 0;
  // product() is another than before, or as it was.
  virtual void OnProduct() {}
  // The stream is being closed: sends nothing from now on.
  virtual void Silence() = 0;

  // Closes; nothing more is sent.
  void Close(const CloseReason& reason);
  bool is_closing() const { return is_closing_; }

  LoopParts& parts() const { return parts_; }
  // As of now.
  const ProductPtr& product() const { return place_.product(); }
  // Between Begin() and End().
  Connection& connection() const { return *connection_; }

 private:
  // Closes, before anything was shown, for the gateway is full.
  void TurnAway();
  void OnTimer(absl::Time now) final;
  void CloseForDrain() final;
  void OnProductChange() final;
  // Closes with a hint when to come back.
  void CloseForNow(uint16_t code);
  // An event stream ends in its own way: told when to come back.
  void CloseWithRetry(int64_t retry_ms, CloseReason reason);

  LoopParts& parts_;
  const LoopProducts::Place place_;
  Connection* connection_ = nullptr;
  bool has_begun_ = false;
  bool is_closing_ = false;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_STREAM_H_
