// VerifierService over gRPC (proto/…/verifier_service.proto): each method checks its request, asks
// Verification or starts an EndpointProbe, and answers in the messages' words.

#ifndef LIVECOUNTER_VERIFIER_VERIFIER_SERVICE_H_
#define LIVECOUNTER_VERIFIER_VERIFIER_SERVICE_H_

#include <memory>
#include <vector>

#include "observability/verifier_metrics.h"
#include "services/runtime/bearer_token.h"
#include "services/runtime/grpc_server.h"
#include "verifier/endpoint_probe.h"
#include "verifier/verification.h"

namespace livecounter::verifier {

class VerifierService {
 public:
  // All outlive it. Callers show one of `tokens`; where there are none, the port lets in whom it should.
  VerifierService(Verification& verification, const EndpointProbe::Parts& probes,
                  const std::vector<runtime::TokenVerifier>& tokens,
                  observability::VerifierMetrics& metrics);
  // After the server that serves it.
  ~VerifierService();

  // For GrpcServer::Start().
  runtime::GrpcService service() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace livecounter::verifier

#endif  // LIVECOUNTER_VERIFIER_VERIFIER_SERVICE_H_
