// The server of a customer who is there for the demo only, inside the process: calls of the demo's endpoint
// are answered here, without any network, and all others go on to the endpoint behind it.

#ifndef LIVECOUNTER_VERIFIER_DEMO_CUSTOMER_ENDPOINT_H_
#define LIVECOUNTER_VERIFIER_DEMO_CUSTOMER_ENDPOINT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/runtime/worker_pool.h"
#include "verifier/customer_endpoint.h"

namespace livecounter::verifier {

// The endpoint of the demo's product. Its host is one that no resolver knows (RFC 6761), so that it leads
// nowhere in a process without this class.
inline constexpr absl::string_view kDemoEndpointUri = "https://shop.invalid/verify";

// Users of the customer are those whose presence ID begins with "member-", and w-valid, which tests ask for.
class DemoCustomerEndpoint final : public CustomerEndpoint {
 public:
  // Answers hold `api_key`. `others` outlives it.
  DemoCustomerEndpoint(std::string api_key, CustomerEndpoint& others);

  void Post(EndpointCall call, Done done) override;
  // All calls are of one endpoint.
  void PostTogether(std::vector<EndpointCall> calls, EachDone done) override;

 private:
  EndpointAnswer Answer(const EndpointCall& call) const;

  const std::string api_key_;
  CustomerEndpoint& others_;
  runtime::WorkerPool thread_;  // last: it uses all of the above
};

}  // namespace livecounter::verifier

#endif  // LIVECOUNTER_VERIFIER_DEMO_CUSTOMER_ENDPOINT_H_
