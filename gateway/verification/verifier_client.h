// SEAM: the gateway's way to the verification workers. The real one is gateway/upstream's
// grpc_verifier_client.h; tests have a fake.

#ifndef LIVECOUNTER_GATEWAY_VERIFICATION_VERIFIER_CLIENT_H_
#define LIVECOUNTER_GATEWAY_VERIFICATION_VERIFIER_CLIENT_H_

#include <functional>

#include "absl/status/statusor.h"
#include "core/verdict.h"
#include "gateway/catalog.h"
#include "gateway/presence_id.h"

namespace livecounter::gateway {

// All methods may be called from any thread.
class VerifierClient {
 public:
  // Called once, on any thread; must only enqueue and wake. An error: nobody answered.
  using Done = std::function<void(const absl::StatusOr<KnownVerdict>&)>;

  virtual ~VerifierClient() = default;
  // Asks whether this user of `product`, which has a verification, may count.
  virtual void Verify(const Product& product, const PresenceId& presence_id, Done done) = 0;
  // Ends what is under way: each is done when this returns. No Verify() after it.
  virtual void Stop() = 0;
};

// Where there is no worker: nobody is ever answered.
class NoVerifierClient final : public VerifierClient {
 public:
  void Verify(const Product& /*product*/, const PresenceId& /*presence_id*/, Done done) override {
    done(absl::UnavailableError("this gateway has no verifier; --verifier names one"));
  }
  void Stop() override {}
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_VERIFICATION_VERIFIER_CLIENT_H_
