// SEAM: which of a gateway's users count, over all its event loops, for products that have them verified
// (contract §4). The real one is verified_users.h; tests of a loop have a fake.

#ifndef LIVECOUNTER_GATEWAY_VERIFICATION_USER_GATE_H_
#define LIVECOUNTER_GATEWAY_VERIFICATION_USER_GATE_H_

#include <functional>

#include "core/verdict_gate.h"
#include "gateway/presence_id.h"

namespace livecounter::gateway {

// All methods may be called from any thread.
class UserGate {
 public:
  using LoopId = int;
  // A user that the loop holds counts from now on, or does not. Called on any thread, must only enqueue.
  using OnDecision = std::function<void(const UserId& user, bool counts)>;

  virtual ~UserGate() = default;
  // Before the loop's first Hold().
  virtual LoopId AddLoop(OnDecision on_decision) = 0;
  // The loop has a connection of `user`, its first: one that counts already (verification was switched on)
  // or not. Decisions follow whenever that changes.
  virtual void Hold(LoopId loop, const UserId& user, const PresenceId& presence_id,
                    bool counts) = 0;
  // The last has gone.
  virtual void Release(LoopId loop, const UserId& user) = 0;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_VERIFICATION_USER_GATE_H_
