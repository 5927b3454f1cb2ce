#include "gateway/net/tls_failure.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace livecounter::gateway::net {

using observability::TlsHandshakeResult;

TlsHandshakeResult TlsFailure(int ssl_error, unsigned long first_error) {
  if (ssl_error == SSL_ERROR_SYSCALL || ssl_error == SSL_ERROR_ZERO_RETURN) {
    return TlsHandshakeResult::kClosed;
  }
  if (ERR_GET_LIB(first_error) != ERR_LIB_SSL) return TlsHandshakeResult::kOther;
  switch (ERR_GET_REASON(first_error)) {
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST:
    case SSL_R_WRONG_VERSION_NUMBER:
      return TlsHandshakeResult::kNotTls;
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_NO_APPLICATION_PROTOCOL:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
    case SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL:
      return TlsHandshakeResult::kProtocol;
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_NO_SHARED_GROUPS:
    case SSL_R_NO_SUITABLE_KEY_SHARE:
    case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
    case SSL_R_TLSV1_ALERT_INSUFFICIENT_SECURITY:
      return TlsHandshakeResult::kCipher;
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
      return TlsHandshakeResult::kCertificate;
    case SSL_R_UNEXPECTED_EOF_WHILE_READING:
    case SSL_R_TLSV1_ALERT_USER_CANCELLED:
      return TlsHandshakeResult::kClosed;
    default:
      return TlsHandshakeResult::kOther;
  }
}

}  // namespace livecounter::gateway::net
