#include "services/runtime/upstream_tls_flags.h"

#include <sstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/runtime/test_certificates.h"

namespace livecounter::runtime {
namespace {

using ::testing::HasSubstr;

class UpstreamTlsFlagsTest : public testing::Test {
 protected:
  ~UpstreamTlsFlagsTest() override { EXPECT_TRUE(Parse({}).ok()); }

  // Of these arguments alone: flags keep what they were set to.
  absl::StatusOr<TlsFiles> Parse(const std::vector<std::string>& given) {
    std::vector<std::string> arguments = {
        "--upstream_tls_ca=", "--upstream_tls_cert=", "--upstream_tls_key="};
    arguments.insert(arguments.end(), given.begin(), given.end());
    std::ostringstream out, err;
    const auto none = [](absl::string_view) { return absl::nullopt; };
    EXPECT_EQ(
        ParseCommandLine({"program", "is tested", {UpstreamTlsFlags()}}, arguments, none, out, err),
        absl::nullopt)
        << err.str();
    return UpstreamTlsFilesFromFlags();
  }
  std::string Path(const std::string& name) const { return certificates_.Path(name); }
  void ExpectBad(const std::vector<std::string>& arguments, const std::string& message) {
    const absl::Status status = Parse(arguments).status();
    EXPECT_TRUE(IsBadFlag(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(message));
  }

  TestCertificates certificates_;
};

TEST_F(UpstreamTlsFlagsTest, WithoutThemThereIsNoTls) {
  const absl::StatusOr<TlsFiles> files = Parse({});
  ASSERT_TRUE(files.ok()) << files.status();
  EXPECT_FALSE(files->enabled());
}

TEST_F(UpstreamTlsFlagsTest, NameTheFiles) {
  const absl::StatusOr<TlsFiles> files =
      Parse({"--upstream_tls_ca=" + Path("ca.pem"), "--upstream_tls_cert=" + Path("client.pem"),
             "--upstream_tls_key=" + Path("client.key")});
  ASSERT_TRUE(files.ok()) << files.status();
  EXPECT_EQ(files->ca, Path("ca.pem"));
  EXPECT_EQ(files->cert, Path("client.pem"));
  EXPECT_EQ(files->key, Path("client.key"));
}

TEST_F(UpstreamTlsFlagsTest, AnAuthorityAloneIsTlsWithoutACertificate) {
  const absl::StatusOr<TlsFiles> files = Parse({"--upstream_tls_ca=" + Path("ca.pem")});
  ASSERT_TRUE(files.ok()) << files.status();
  EXPECT_TRUE(files->enabled());
}

TEST_F(UpstreamTlsFlagsTest, WhatIsMissingOrBadIsNamed) {
  const std::string ca = "--upstream_tls_ca=" + Path("ca.pem");
  const std::string cert = "--upstream_tls_cert=" + Path("client.pem");
  ExpectBad({cert, "--upstream_tls_key=" + Path("client.key")}, "--upstream_tls_ca");
  ExpectBad({ca, cert}, "--upstream_tls_key");
  ExpectBad({ca, cert, "--upstream_tls_key=" + Path("server.key")},
            Path("server.key") + ": it is not the key");
  ExpectBad({"--upstream_tls_ca=/none"}, "/none");
}

}  // namespace
}  // namespace livecounter::runtime
