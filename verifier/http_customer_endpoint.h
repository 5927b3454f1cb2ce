// Customers' endpoints over HTTP and HTTPS: libcurl's multi interface on one thread and one epoll of our
// own, so that a call costs no thread and connections are used again.
//
// Each call's host is looked up through the Resolver, all of its addresses are checked against the
// AddressPolicy, and libcurl is given those very addresses; the socket that it opens is checked again
// (contract §4).

#ifndef LIVECOUNTER_VERIFIER_HTTP_CUSTOMER_ENDPOINT_H_
#define LIVECOUNTER_VERIFIER_HTTP_CUSTOMER_ENDPOINT_H_

#include <memory>
#include <string>
#include <vector>

#include "verifier/address_policy.h"
#include "verifier/customer_endpoint.h"
#include "verifier/resolver.h"

namespace livecounter::verifier {

class HttpCustomerEndpoint final : public CustomerEndpoint {
 public:
  struct Options {
    AddressPolicy policy = {};
    std::string ca_file = {};  // trusted in place of the system's certificates; empty: those
    int max_idle_connections = 1'000;  // kept open for later calls
  };

  // `resolver` outlives it.
  HttpCustomerEndpoint(const Options& options, Resolver& resolver);
  // Ends what is under way as Cancelled. Nothing may be posted any more.
  ~HttpCustomerEndpoint() override;

  void Post(EndpointCall call, Done done) override;
  void PostTogether(std::vector<EndpointCall> calls, EachDone done) override;

 private:
  class Loop;
  const std::shared_ptr<Loop> loop_;  // shared with look-ups under way
};

}  // namespace livecounter::verifier

#endif  // LIVECOUNTER_VERIFIER_HTTP_CUSTOMER_ENDPOINT_H_
