// One event loop's end of the CounterClient: what the loop asks for is gathered and sent once a turn,
// what it is told is taken once a wake-up.

#ifndef LIVECOUNTER_GATEWAY_LOOP_LINK_H_
#define LIVECOUNTER_GATEWAY_LOOP_LINK_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "core/ids.h"
#include "core/presence_edges.h"
#include "gateway/task_scope.h"
#include "gateway/transport.h"
#include "gateway/upstream/counter_client.h"

namespace livecounter::gateway {

// Belongs to its loop's thread; constructed before the loop runs or on it, destroyed on it or after it
// has ended. The CounterClient may go on telling news to a link that is gone.
class LoopLink {
 public:
  using OnNews = std::function<void(LoopNews)>;

  // `loop` and `client` outlive the link. `on_news` runs on the loop.
  LoopLink(EventLoop& loop, CounterClient& client, OnNews on_news);
  ~LoopLink();
  LoopLink(const LoopLink&) = delete;
  LoopLink& operator=(const LoopLink&) = delete;

  // What is asked for by these is sent together, at the end of the turn.
  void Watch(const CounterId& counter);
  void Unwatch(const CounterId& counter);
  void Hit(LoopCommands::Hit hit);
  void Abandon(LoopCommands::Abandon abandon);
  // Edges of presence; those of one turn that cancel out are not sent.
  void Joined(const CounterId& counter, PresenceHash hash);
  void Left(const CounterId& counter, PresenceHash hash);

  // `product` has `difference` open connections more on this loop.
  void ConnectionsChanged(const std::string& product, int64_t difference);
  // A connection of `product` was accepted in `hour` (core/usage.h).
  void Accepted(const std::string& product, int64_t hour);

  // Takes what has come, now. Called before a request is served, it makes sure that whoever was
  // answered through another loop finds here what that answer was based on (read your writes).
  void Receive();

 private:
  class Inbox;

  // What is sent at the end of the turn; asking for it schedules that.
  LoopCommands& commands();
  void ScheduleFlush();
  void Flush();

  CounterClient& client_;
  OnNews on_news_;
  std::shared_ptr<Inbox> inbox_;
  CounterClient::LoopId id_;
  LoopCommands commands_;
  PresenceEdges presence_;
  absl::flat_hash_map<std::string, int64_t> connections_;
  absl::flat_hash_map<std::pair<std::string, int64_t>, int64_t> accepted_;
  bool flush_is_posted_ = false;
  TaskScope tasks_;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_LOOP_LINK_H_
