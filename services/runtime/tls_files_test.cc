#include "services/runtime/tls_files.h"

#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/runtime/test_certificates.h"

namespace livecounter::runtime {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class TlsFilesTest : public testing::Test {
 protected:
  std::string Path(const std::string& name) const { return certificates_.Path(name); }
  std::string Junk() {
    std::ofstream(Path("junk.pem")) << "-----BEGIN CERTIFICATE-----\nAAAA\n";
    return Path("junk.pem");
  }
  void ExpectRefused(const TlsFiles& files, absl::StatusCode code, const std::string& message) {
    const absl::Status status = LoadTlsFiles(files).status();
    EXPECT_EQ(status.code(), code);
    EXPECT_THAT(std::string(status.message()), HasSubstr(message));
  }

  TestCertificates certificates_;
};

TEST_F(TlsFilesTest, NoPathsMeansNoTls) {
  EXPECT_FALSE(TlsFiles{}.enabled());
  EXPECT_TRUE((TlsFiles{.ca = "x"}).enabled());
  const absl::StatusOr<TlsPem> pem = LoadTlsFiles({});
  ASSERT_TRUE(pem.ok());
  EXPECT_EQ(pem->cert + pem->key + pem->ca, "");
}

TEST_F(TlsFilesTest, GoodFilesAreLoadedWhole) {
  const absl::StatusOr<TlsPem> pem =
      LoadTlsFiles({.cert = Path("server.pem"), .key = Path("server.key"), .ca = Path("ca.pem")});
  ASSERT_TRUE(pem.ok()) << pem.status();
  EXPECT_THAT(pem->cert, StartsWith("-----BEGIN CERTIFICATE-----"));
  EXPECT_THAT(pem->key, StartsWith("-----BEGIN PRIVATE KEY-----"));
  EXPECT_THAT(pem->ca, StartsWith("-----BEGIN CERTIFICATE-----"));
}

TEST_F(TlsFilesTest, ACertificateAndItsKeyGoTogether) {
  ExpectRefused({.cert = Path("server.pem")}, absl::StatusCode::kInvalidArgument, "go together");
  ExpectRefused({.key = Path("server.key")}, absl::StatusCode::kInvalidArgument, "go together");
}

TEST_F(TlsFilesTest, AMissingFileIsNamed) {
  ExpectRefused({.cert = Path("none"), .key = Path("server.key")}, absl::StatusCode::kNotFound,
                Path("none"));
  ExpectRefused({.cert = Path("server.pem"), .key = Path("none")}, absl::StatusCode::kNotFound,
                Path("none"));
  ExpectRefused({.ca = Path("none")}, absl::StatusCode::kNotFound, Path("none"));
}

TEST_F(TlsFilesTest, AFileOfTheWrongKindIsNamedWithTheReason) {
  ExpectRefused({.cert = Path("server.key"), .key = Path("server.key")},
                absl::StatusCode::kInvalidArgument,
                Path("server.key") + ": it holds no certificate in PEM form");
  ExpectRefused({.cert = Path("server.pem"), .key = Path("server.pem")},
                absl::StatusCode::kInvalidArgument,
                Path("server.pem") + ": it holds no private key in PEM form");
  ExpectRefused({.ca = Junk()}, absl::StatusCode::kInvalidArgument,
                Path("junk.pem") + ": it holds no certificate in PEM form");
}

TEST_F(TlsFilesTest, AKeyOfAnotherCertificateIsRefused) {
  ExpectRefused(
      {.cert = Path("server.pem"), .key = Path("client.key")}, absl::StatusCode::kInvalidArgument,
      Path("client.key") + ": it is not the key of the certificate in " + Path("server.pem"));
}

}  // namespace
}  // namespace livecounter::runtime
