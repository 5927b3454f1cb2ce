// A verifier: Verification, probes and VerifierService put together. The program livecounter-verifier is
// one; others have it in their process.

#ifndef LIVECOUNTER_VERIFIER_VERIFIER_H_
#define LIVECOUNTER_VERIFIER_VERIFIER_H_

#include <memory>
#include <string>
#include <vector>

#include "core/verdict_desk.h"
#include "observability/metrics.h"
#include "prometheus/registry.h"
#include "services/runtime/bearer_token.h"
#include "services/runtime/clock.h"
#include "services/runtime/grpc_server.h"
#include "services/runtime/ip_address.h"
#include "services/runtime/random.h"
#include "verifier/caching_resolver.h"
#include "verifier/demo_customer_endpoint.h"
#include "verifier/http_customer_endpoint.h"
#include "verifier/probe_limits.h"
#include "verifier/verification.h"
#include "verifier/verifier_service.h"

namespace livecounter::verifier {

struct Options {
  runtime::IpRanges allow_private_networks = {};  // called although they are not public
  std::string ca_file = {};  // trusted in place of the system's certificates; empty: those
  // Callers show one of them: the edge token, the operator's. None: whoever reaches the port may call.
  std::vector<std::string> tokens = {};
  VerdictDesk::Options desk = {};
  // Calls of the demo's endpoint are answered in the process, with this key (DemoCustomerEndpoint); empty:
  // they are calls as all others.
  std::string demo_api_key = {};
};

// What it is given; all of it outlives the verifier.
struct Parts {
  runtime::Clock& clock;
  runtime::Random& random;
  prometheus::Registry& registry;
};

class Verifier {
 public:
  Verifier(const Options& options, const Parts& parts);
  // After the server that serves it. As Stop(); ends calls under way.
  ~Verifier();
  Verifier(const Verifier&) = delete;
  Verifier& operator=(const Verifier&) = delete;

  // For GrpcServer::Start().
  runtime::GrpcService service() const { return service_->service(); }

  // Answers all who wait with Unavailable and begins no more calls. Any thread. Idempotent.
  void Stop() { verification_->Stop(); }

  // Brings the metrics up to date; before they are shown. Any thread.
  void UpdateMetrics() { verification_->UpdateMetrics(); }

 private:
  observability::VerifierMetrics metrics_;
  std::vector<runtime::TokenVerifier> tokens_;
  std::unique_ptr<CachingResolver> resolver_;
  std::unique_ptr<HttpCustomerEndpoint> calls_;
  std::unique_ptr<HttpCustomerEndpoint> probe_calls_;  // so that a load does not delay verdicts
  // In front of the two, where the demo has a customer.
  std::unique_ptr<DemoCustomerEndpoint> demo_calls_;
  std::unique_ptr<DemoCustomerEndpoint> demo_probe_calls_;
  ProbeLimits limits_;
  std::unique_ptr<Verification> verification_;
  std::unique_ptr<VerifierService> service_;
};

}  // namespace livecounter::verifier

#endif  // LIVECOUNTER_VERIFIER_VERIFIER_H_
