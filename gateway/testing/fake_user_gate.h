// The gate of users (gateway/verification/user_gate.h) as a test plays it: it keeps who is held, and tells
// loops what the test says.

#ifndef LIVECOUNTER_GATEWAY_TESTING_FAKE_USER_GATE_H_
#define LIVECOUNTER_GATEWAY_TESTING_FAKE_USER_GATE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "gateway/verification/user_gate.h"

namespace livecounter::gateway {

// On the test's thread only.
class FakeUserGate final : public UserGate {
 public:
  struct Held {
    std::string presence_id;
    bool counts;  // as the loop said
  };

  LoopId AddLoop(OnDecision on_decision) override {
    loops_.push_back(std::move(on_decision));
    return static_cast<LoopId>(loops_.size()) - 1;
  }
  void Hold(LoopId /*loop*/, const UserId& user, const PresenceId& presence_id,
            bool counts) override {
    held_[user] = {std::string(presence_id.bytes()), counts};
  }
  void Release(LoopId /*loop*/, const UserId& user) override { held_.erase(user); }

  const absl::btree_map<UserId, Held>& held() const { return held_; }
  // Tells every loop.
  void Decide(const UserId& user, bool counts) {
    for (const OnDecision& on_decision : loops_) on_decision(user, counts);
  }

 private:
  std::vector<OnDecision> loops_;
  absl::btree_map<UserId, Held> held_;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_TESTING_FAKE_USER_GATE_H_
