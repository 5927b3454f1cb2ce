// The users of products with verification, over all event loops of a gateway: core's VerdictGate on a thread of
// its own. However many tabs a user has open here, one question is asked.

#ifndef LIVECOUNTER_GATEWAY_VERIFICATION_VERIFIED_USERS_H_
#define LIVECOUNTER_GATEWAY_VERIFICATION_VERIFIED_USERS_H_

#include <atomic>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/container/node_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/verdict_gate.h"
#include "gateway/catalog.h"
#include "gateway/verification/user_gate.h"
#include "gateway/verification/verifier_client.h"
#include "observability/logging.h"
#include "observability/metrics.h"
#include "services/runtime/clock.h"
#include "services/runtime/loop_thread.h"
#include "services/runtime/random.h"

namespace livecounter::gateway {

class VerifiedUsers final : public UserGate {
 public:
  // All outlive the users; the catalog tells nothing any more when they go.
  struct Parts {
    Catalog& catalog;
    VerifierClient& verifier;
    observability::GatewayMetrics& metrics;
    const observability::Logger& logger;
    runtime::Clock& clock;
    runtime::Random& random;
  };
  explicit VerifiedUsers(const Parts& parts, const VerdictGate::Options& options = {});
  // Stops the verifier.
  ~VerifiedUsers() override;

  LoopId AddLoop(OnDecision on_decision) override;
  void Hold(LoopId loop, const UserId& user, const PresenceId& presence_id, bool counts) override;
  void Release(LoopId loop, const UserId& user) override;

 private:
  // Random numbers for core.
  struct RandomBits {
    using result_type = uint64_t;
    static constexpr result_type min() { return 0; }
    static constexpr result_type max() { return ~result_type{0}; }
    result_type operator()() { return random.Uint64(); }
    runtime::Random& random;
  };
  // What is kept of a user beside the gate, for as long.
  struct User {
    PresenceId presence_id;
    absl::InlinedVector<LoopId, 2> loops;  // that hold them
  };
  class TableInbox;

  // --- On the thread. ---

  absl::Time Turn(absl::Time now);
  void Ask(const UserId& user);
  void OnAnswer(const UserId& user, const absl::StatusOr<KnownVerdict>& answer);
  void Decide(const VerdictGate::Decision& decision);
  // Told once a minute at most.
  void LogFailure(const absl::Status& status, absl::Time now);

  const Parts parts_;
  std::atomic<LoopId> next_loop_{0};
  RandomBits random_;
  VerdictGate gate_;
  ProductTablePtr table_;
  absl::flat_hash_map<LoopId, OnDecision> loops_;
  absl::node_hash_map<UserId, User> users_;
  absl::Time next_log_ = absl::InfinitePast();
  std::shared_ptr<TableInbox> inbox_;
  runtime::LoopThread thread_;  // last: it uses all of the above
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_VERIFICATION_VERIFIED_USERS_H_
