// `/watch` (contract §3): many presence counters on one connection, which itself counts nowhere. Each
// message is a JSON object of the numbers that changed since the one before; the first has them all.

#ifndef LIVECOUNTER_GATEWAY_WATCH_STREAM_H_
#define LIVECOUNTER_GATEWAY_WATCH_STREAM_H_

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/node_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gateway/catalog.h"
#include "gateway/flush_queue.h"
#include "gateway/intrusive_list.h"
#include "gateway/loop_parts.h"
#include "gateway/stream.h"
#include "gateway/transport.h"
#include "gateway/watch_message.h"

namespace livecounter::gateway {

// Belongs to its loop's thread. A WebSocket client changes what it watches by messages; one that breaks
// their rules is closed with 1008.
class WatchStream final : public Stream, private FlushQueue::Member {
 public:
  static constexpr size_t kMaxCounters = 200;
  static constexpr size_t kMaxMessageBytes = 16 * 1024;
  // In any second.
  static constexpr size_t kMaxMessages = 10;

  // `parts` outlives the stream. `ids`: distinct, at most kMaxCounters.
  WatchStream(LoopParts& parts, LoopProducts::Place place, std::vector<std::string> ids);
  ~WatchStream() override;

  void OnWritable(Connection& connection) override;
  void OnMessage(Connection& connection, absl::string_view payload, bool is_final) override;

 private:
  class Counter;
  struct MessageTimes {
    std::array<absl::Time, kMaxMessages> times;
    size_t oldest = 0;
  };

  void Begin() override;
  void End(bool client_left) override;
  void Heartbeat() override;
  void Silence() override;
  void Flush() override;

  void Add(const std::string& id);
  void Remove(const std::string& id);
  void OnChanged(Counter& counter);
  // RESOURCE_EXHAUSTED: it would be too many; then nothing is done.
  absl::Status Apply(const WatchCommand& command);
  // Whether it went out; what did not fit is sent when the socket takes data again.
  bool SendObject(absl::string_view object);
  void CloseForBreach(absl::string_view reason);
  // Whether one more message is within kMaxMessages now; then it counts.
  bool TakesMessage();
  // Gives their memory back when the last is out of the window.
  void ForgetMessages();

  std::vector<std::string> first_ids_;  // until the stream is open
  absl::node_hash_map<std::string, Counter> counters_;
  IntrusiveList<Counter, WatchStream> changed_;  // numbers that are to be sent
  size_t unknown_ = 0;      // counters without a number; the first message waits until it is 0
  bool has_begun_ = false;  // the first message is out
  bool is_behind_ = false;  // Send() was refused; OnWritable() will come
  std::string message_;     // what has come of it
  // When the newest messages came, a ring; null while the client sends none.
  std::unique_ptr<MessageTimes> message_times_;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_WATCH_STREAM_H_
