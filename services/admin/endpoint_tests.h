// TestVerification and SaveVerification (contract §4): a verifier probes the customer's endpoint, its progress
// is passed on as it comes, and what passed is stored.
//
// An endpoint that passed the whole test within 10 minutes repeats only the steps that prove ownership when
// it is saved; that is remembered in a record that expires.

#ifndef LIVECOUNTER_SERVICES_ADMIN_ENDPOINT_TESTS_H_
#define LIVECOUNTER_SERVICES_ADMIN_ENDPOINT_TESTS_H_

#include <grpcpp/channel.h>
#include <grpcpp/support/server_callback.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "livecounter/v1/admin_service.pb.h"
#include "livecounter/v1/verifier_service.grpc.pb.h"
#include "observability/logging.h"
#include "observability/trace_context.h"
#include "services/admin/catalog_parts.h"
#include "services/admin/products.h"
#include "services/runtime/worker_pool.h"

namespace livecounter::admin {

class EndpointTests {
 public:
  using Reactor = grpc::ServerWriteReactor<v1::VerificationProgress>;

  // Who probes, and the token that it takes; without a channel every test is refused.
  struct Verifier {
    std::shared_ptr<grpc::Channel> channel = nullptr;
    std::string token = {};
  };

  // `products`, `workers`, where it blocks, and `logger` outlive it.
  EndpointTests(Verifier verifier, CatalogParts parts, Products& products,
                runtime::WorkerPool& workers, const observability::Logger& logger);

  // What the methods return, for callers who may call them; the verifier's call is of their `trace`. The
  // request may be gone meanwhile.
  using Trace = absl::optional<observability::TraceContext>;
  Reactor* Test(const v1::TestVerificationRequest& request, const Trace& trace);
  Reactor* Save(const v1::SaveVerificationRequest& request, const Trace& trace);

 private:
  class Relay;
  struct Plan;

  // What to ask the verifier. NOT_FOUND, INVALID_ARGUMENT, FAILED_PRECONDITION without a verifier, an
  // endpoint or an API key.
  absl::StatusOr<v1::ProbeEndpointRequest> Prepare(const Plan& plan);
  // What follows from a test that passed, before the caller is told.
  absl::Status Conclude(const Plan& plan, const v1::ProbeEndpointRequest& probe);
  // How the verifier's call ended, as its caller is told: UNAVAILABLE for what is the matter between the
  // verifier and us, which is logged.
  absl::Status ForCaller(const absl::Status& status) const;
  absl::StatusOr<bool> HasPassed(absl::string_view product, absl::string_view endpoint_uri);

  const Verifier verifier_;
  const std::unique_ptr<v1::VerifierService::Stub> stub_;  // null without a channel
  CatalogParts parts_;
  Products& products_;
  runtime::WorkerPool& workers_;
  const observability::Logger& logger_;
};

}  // namespace livecounter::admin

#endif  // LIVECOUNTER_SERVICES_ADMIN_ENDPOINT_TESTS_H_
