// The presence that one loop's connections hold, with its leave graces, told upstream as edges.

#ifndef LIVECOUNTER_GATEWAY_LOOP_PRESENCE_H_
#define LIVECOUNTER_GATEWAY_LOOP_PRESENCE_H_

#include <cstdint>

#include "absl/time/time.h"
#include "core/ids.h"
#include "core/local_presence.h"
#include "gateway/loop_link.h"
#include "gateway/loop_timers.h"
#include "gateway/transport.h"

namespace livecounter::gateway {

// Belongs to its loop's thread.
class LoopPresence final : private LoopTimers::Source {
 public:
  // All outlive the presence.
  LoopPresence(EventLoop& loop, LoopLink& link, LoopTimers& timers);
  LoopPresence(const LoopPresence&) = delete;
  LoopPresence& operator=(const LoopPresence&) = delete;

  // A connection that contributes opened.
  void Join(const CounterId& counter, PresenceHash hash);
  // It closed: its presence lasts `grace` longer.
  void Leave(const CounterId& counter, PresenceHash hash, absl::Duration grace);

  // It is gone at once, with all its connections and graces.
  void Remove(const CounterId& counter, PresenceHash hash);

  // Pairs of counter and presence held, those in grace included.
  int64_t size() const { return held_.size(); }

 private:
  absl::Time NextDue() const override { return held_.NextExpiry(); }
  void OnDue(absl::Time now) override;

  EventLoop& loop_;
  LoopLink& link_;
  LoopTimers& timers_;
  LocalPresence held_;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_LOOP_PRESENCE_H_
