// Why a TLS handshake with a client failed, out of what OpenSSL says. Pure.

#ifndef LIVECOUNTER_GATEWAY_NET_TLS_FAILURE_H_
#define LIVECOUNTER_GATEWAY_NET_TLS_FAILURE_H_

#include "observability/tls_handshake_result.h"

namespace livecounter::gateway::net {

// After an SSL_accept() that failed for good: what SSL_get_error() and ERR_peek_error() say.
observability::TlsHandshakeResult TlsFailure(int ssl_error, unsigned long first_error);

}  // namespace livecounter::gateway::net

#endif  // LIVECOUNTER_GATEWAY_NET_TLS_FAILURE_H_
