// The connections of one event loop that contribute, and which of them count: all where the product asks
// nobody, else those of users that the gate lets through (contract §3, §4).

#ifndef LIVECOUNTER_GATEWAY_CONTRIBUTIONS_H_
#define LIVECOUNTER_GATEWAY_CONTRIBUTIONS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "core/ids.h"
#include "core/verdict_gate.h"
#include "gateway/catalog.h"
#include "gateway/loop_door.h"
#include "gateway/loop_presence.h"
#include "gateway/presence_id.h"
#include "gateway/verification/user_gate.h"

namespace livecounter::gateway {

// Belongs to its loop's thread. Keeps nothing of products that ask nobody.
class Contributions {
 public:
  // All outlive the contributions.
  Contributions(EventLoop& loop, LoopPresence& presence, UserGate& gate);
  ~Contributions();
  Contributions(const Contributions&) = delete;
  Contributions& operator=(const Contributions&) = delete;

  // A connection opened. Whether it is gated: it counts when the gate says so.
  bool Join(const Product& product, const CounterId& counter, const PresenceId& presence_id);
  // It closed. Where it counted, its presence lasts `grace` longer.
  void Leave(const Product& product, const CounterId& counter, const PresenceId& presence_id,
             absl::Duration grace);

  // Verification of an open connection's product was switched on: it is gated from now on, and counts until
  // the gate says otherwise.
  void SwitchOn(const Product& product, const CounterId& counter, const PresenceId& presence_id);
  // It was switched off: the connection counts.
  void SwitchOff(const Product& product, const CounterId& counter, const PresenceId& presence_id);

  // Users of gated connections.
  size_t gated_users() const { return users_.size(); }

 private:
  struct User {
    bool counts = false;
    absl::flat_hash_map<std::string, int64_t> connections;  // by the counter's id
  };
  using Users = absl::flat_hash_map<UserId, User>;

  // One connection more.
  User& Gate(const UserId& id, const CounterId& counter, const PresenceId& presence_id,
             bool counts);
  // One fewer.
  void Ungate(Users::iterator user, const CounterId& counter);
  void OnDecision(const UserId& id, bool counts);

  LoopPresence& presence_;
  UserGate& gate_;
  Users users_;
  const std::shared_ptr<LoopDoor> door_;
  const UserGate::LoopId id_;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_CONTRIBUTIONS_H_
