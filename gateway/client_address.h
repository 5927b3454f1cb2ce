// Which address a request comes from, where proxies stand between (contract §3, `--trusted_proxies`).
// Pure; any thread.

#ifndef LIVECOUNTER_GATEWAY_CLIENT_ADDRESS_H_
#define LIVECOUNTER_GATEWAY_CLIENT_ADDRESS_H_

#include "gateway/transport.h"
#include "services/runtime/ip_address.h"

namespace livecounter::gateway {

// The socket's peer, unless that is one of `trusted_proxies`: then the rightmost hop of X-Forwarded-For
// that is none of them, and the leftmost where all are. A hop may have a port, and brackets. Hops are
// believed from the right, as each proxy adds what it sees: one that cannot be read ends the walk at the
// proxy that added it, and whatever a client writes further left is not looked at.
runtime::IpAddress ClientAddress(const Request& request, const runtime::IpRanges& trusted_proxies);

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_CLIENT_ADDRESS_H_
