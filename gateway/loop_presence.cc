#include "gateway/loop_presence.h"

namespace livecounter::gateway {

LoopPresence::LoopPresence(EventLoop& loop, LoopLink& link, LoopTimers& timers)
    : loop_(loop), link_(link), timers_(timers) {
  timers_.AddSource(this);
}

void LoopPresence::Join(const CounterId& counter, PresenceHash hash) {
  if (held_.Join(counter, hash)) link_.Joined(counter, hash);
}

void LoopPresence::Leave(const CounterId& counter, PresenceHash hash, absl::Duration grace) {
  held_.Leave(counter, hash, grace, loop_.Now());
  timers_.Reschedule();
}

void LoopPresence::Remove(const CounterId& counter, PresenceHash hash) {
  if (held_.Remove(counter, hash)) link_.Left(counter, hash);
}

void LoopPresence::OnDue(absl::Time now) {
  for (const PresenceDelta& delta : held_.Expire(now)) {
    for (const PresenceHash& hash : delta.left) link_.Left(delta.counter, hash);
  }
}

}  // namespace livecounter::gateway
