// How a TLS handshake with a client ended: for metrics, which tell the failed ones apart by it.

#ifndef LIVECOUNTER_OBSERVABILITY_TLS_HANDSHAKE_RESULT_H_
#define LIVECOUNTER_OBSERVABILITY_TLS_HANDSHAKE_RESULT_H_

#include <cstddef>

namespace livecounter::observability {

enum class TlsHandshakeResult {
  kOk,
  kNotTls,       // plain HTTP, or anything else that is no TLS
  kProtocol,     // no version of TLS, or no protocol above it, that both speak
  kCipher,       // no cipher suite, key exchange or signature that both take
  kCertificate,  // the client does not trust our certificate
  kClosed,       // the client went
  kTimeout,      // the client took too long
  kOther,
};
inline constexpr size_t kTlsHandshakeResults = 8;

}  // namespace livecounter::observability

#endif  // LIVECOUNTER_OBSERVABILITY_TLS_HANDSHAKE_RESULT_H_
