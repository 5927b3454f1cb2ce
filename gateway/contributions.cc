#include "gateway/contributions.h"

#include "gateway/presence_hash.h"

namespace livecounter::gateway {
namespace {

UserId UserOf(const Product& product, const PresenceId& presence_id) {
  return {product.name, HashPresenceId(presence_id.bytes(), product.presence_secret)};
}

}  // namespace

Contributions::Contributions(EventLoop& loop, LoopPresence& presence, UserGate& gate)
    : presence_(presence),
      gate_(gate),
      door_(std::make_shared<LoopDoor>(loop)),
      id_(gate.AddLoop([this, door = door_](const UserId& user, bool counts) {
        door->Post([this, user, counts] { OnDecision(user, counts); });
      })) {}

Contributions::~Contributions() { door_->Close(); }

bool Contributions::Join(const Product& product, const CounterId& counter,
                         const PresenceId& presence_id) {
  const UserId id = UserOf(product, presence_id);
  if (!product.verification) {
    presence_.Join(counter, id.hash);
    return false;
  }
  if (Gate(id, counter, presence_id, /*counts=*/false).counts) presence_.Join(counter, id.hash);
  return true;
}

Contributions::User& Contributions::Gate(const UserId& id, const CounterId& counter,
                                         const PresenceId& presence_id, bool counts) {
  const auto [it, is_new] = users_.try_emplace(id);
  User& user = it->second;
  if (is_new) {
    user.counts = counts;
    gate_.Hold(id_, id, presence_id, counts);
  }
  ++user.connections[counter.id];
  return user;
}

void Contributions::Leave(const Product& product, const CounterId& counter,
                          const PresenceId& presence_id, absl::Duration grace) {
  const UserId id = UserOf(product, presence_id);
  const auto user = users_.find(id);
  const bool is_gated = user != users_.end() && user->second.connections.contains(counter.id);
  if (!is_gated || user->second.counts) presence_.Leave(counter, id.hash, grace);
  if (is_gated) Ungate(user, counter);
}

void Contributions::Ungate(Users::iterator user, const CounterId& counter) {
  auto& connections = user->second.connections;
  const auto found = connections.find(counter.id);
  if (--found->second == 0) connections.erase(found);
  if (!connections.empty()) return;
  gate_.Release(id_, user->first);
  users_.erase(user);
}

void Contributions::SwitchOn(const Product& product, const CounterId& counter,
                             const PresenceId& presence_id) {
  const UserId id = UserOf(product, presence_id);
  const User& user = Gate(id, counter, presence_id, /*counts=*/true);
  // Another connection of the user came since, and waits: so does this one, but for a loss's grace.
  if (!user.counts) presence_.Leave(counter, id.hash, product.lost_leave_grace);
}

void Contributions::SwitchOff(const Product& product, const CounterId& counter,
                              const PresenceId& presence_id) {
  const UserId id = UserOf(product, presence_id);
  const auto user = users_.find(id);
  if (!user->second.counts) presence_.Join(counter, id.hash);
  Ungate(user, counter);
}

void Contributions::OnDecision(const UserId& id, bool counts) {
  const auto found = users_.find(id);
  if (found == users_.end() || found->second.counts == counts) return;
  found->second.counts = counts;
  for (const auto& [counter_id, connections] : found->second.connections) {
    const CounterId counter = {id.product, counter_id};
    if (!counts) presence_.Remove(counter, id.hash);
    for (int64_t i = 0; counts && i < connections; ++i) presence_.Join(counter, id.hash);
  }
}

}  // namespace livecounter::gateway
