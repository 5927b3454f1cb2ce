// The seam to the names of hosts, so that the addresses that are checked are the ones connected to
// (contract §4).

#ifndef LIVECOUNTER_VERIFIER_RESOLVER_H_
#define LIVECOUNTER_VERIFIER_RESOLVER_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/runtime/ip_address.h"

namespace livecounter::verifier {

using Addresses = std::vector<runtime::IpAddress>;

class Resolver {
 public:
  virtual ~Resolver() = default;

  // Looks up all addresses of a host, best first; at least one, or an error in words for the customer.
  // Any thread. `done` is called once, at once or on another thread, and must not block; once the resolver
  // is gone it is not called any more.
  using Done = std::function<void(const absl::StatusOr<Addresses>&)>;
  virtual void Resolve(const std::string& host, Done done) = 0;
};

}  // namespace livecounter::verifier

#endif  // LIVECOUNTER_VERIFIER_RESOLVER_H_
