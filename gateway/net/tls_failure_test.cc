#include "gateway/net/tls_failure.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "gtest/gtest.h"

namespace livecounter::gateway::net {
namespace {

using Result = observability::TlsHandshakeResult;

Result OfReason(int reason) { return TlsFailure(SSL_ERROR_SSL, ERR_PACK(ERR_LIB_SSL, 0, reason)); }

// What clients cause for real is in tls_tunnel_test.cc.
TEST(TlsFailureTest, IsTheClientsWhenItSaysSo) {
  EXPECT_EQ(OfReason(SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED), Result::kCertificate);
  EXPECT_EQ(OfReason(SSL_R_TLSV1_ALERT_UNKNOWN_CA), Result::kCertificate);
  EXPECT_EQ(OfReason(SSL_R_TLSV1_ALERT_PROTOCOL_VERSION), Result::kProtocol);
  EXPECT_EQ(OfReason(SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE), Result::kCipher);
  EXPECT_EQ(OfReason(SSL_R_TLSV1_ALERT_USER_CANCELLED), Result::kClosed);
}

TEST(TlsFailureTest, IsAnEndWhenTheSocketEnds) {
  EXPECT_EQ(TlsFailure(SSL_ERROR_SYSCALL, 0), Result::kClosed);
  EXPECT_EQ(TlsFailure(SSL_ERROR_ZERO_RETURN, 0), Result::kClosed);
  EXPECT_EQ(OfReason(SSL_R_UNEXPECTED_EOF_WHILE_READING), Result::kClosed);
}

TEST(TlsFailureTest, IsOtherWhenItIsNoneOfThese) {
  EXPECT_EQ(OfReason(SSL_R_BAD_EXTENSION), Result::kOther);
  EXPECT_EQ(TlsFailure(SSL_ERROR_SSL, 0), Result::kOther);
  EXPECT_EQ(TlsFailure(SSL_ERROR_SSL, ERR_PACK(ERR_LIB_EVP, 0, SSL_R_HTTP_REQUEST)),
            Result::kOther);
}

}  // namespace
}  // namespace livecounter::gateway::net
