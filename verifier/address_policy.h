// Which addresses the verifier connects to: those of the public Internet and no others, so that nobody
// can make it call what only this network reaches (contract §4).

#ifndef LIVECOUNTER_VERIFIER_ADDRESS_POLICY_H_
#define LIVECOUNTER_VERIFIER_ADDRESS_POLICY_H_

#include <utility>

#include "absl/status/status.h"
#include "services/runtime/ip_address.h"

namespace livecounter::verifier {

// Immutable; any thread.
class AddressPolicy {
 public:
  AddressPolicy() = default;
  // Addresses in `allowed` are connected to whatever they are (--verifier_allow_private_networks).
  explicit AddressPolicy(runtime::IpRanges allowed) : allowed_(std::move(allowed)) {}

  // OK, or PermissionDenied: "10.0.0.1 is a private address (10.0.0.0/8); …". IPv4 mapped into IPv6 is
  // judged as the IPv4 address; other forms that carry one (compatible, NAT64, 6to4, Teredo) are refused.
  // Ranges: IANA's special-purpose registries (RFC 6890), and clouds' metadata services outside them.
  absl::Status Check(const runtime::IpAddress& address) const;

 private:
  runtime::IpRanges allowed_;
};

}  // namespace livecounter::verifier

#endif  // LIVECOUNTER_VERIFIER_ADDRESS_POLICY_H_
