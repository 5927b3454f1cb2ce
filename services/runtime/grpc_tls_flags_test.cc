#include "services/runtime/grpc_tls_flags.h"

#include <sstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/runtime/test_certificates.h"

namespace livecounter::runtime {
namespace {

using ::testing::HasSubstr;

class GrpcTlsFlagsTest : public testing::Test {
 protected:
  ~GrpcTlsFlagsTest() override {
    EXPECT_TRUE(Parse({"--grpc_tls_cert=", "--grpc_tls_key=", "--grpc_tls_client_ca="}).ok());
  }

  absl::StatusOr<TlsFiles> Parse(const std::vector<std::string>& arguments) {
    std::ostringstream out, err;
    const auto none = [](absl::string_view) { return absl::nullopt; };
    EXPECT_EQ(
        ParseCommandLine({"program", "is tested", {GrpcTlsFlags()}}, arguments, none, out, err),
        absl::nullopt)
        << err.str();
    return GrpcTlsFilesFromFlags();
  }
  std::string Path(const std::string& name) const { return certificates_.Path(name); }
  void ExpectBad(const std::vector<std::string>& arguments, const std::string& message) {
    const absl::Status status = Parse(arguments).status();
    EXPECT_TRUE(IsBadFlag(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(message));
  }

  TestCertificates certificates_;
};

TEST_F(GrpcTlsFlagsTest, WithoutThemThereIsNoTls) {
  const absl::StatusOr<TlsFiles> files = Parse({});
  ASSERT_TRUE(files.ok()) << files.status();
  EXPECT_FALSE(files->enabled());
}

TEST_F(GrpcTlsFlagsTest, NameTheFiles) {
  const absl::StatusOr<TlsFiles> files =
      Parse({"--grpc_tls_cert=" + Path("server.pem"), "--grpc_tls_key=" + Path("server.key"),
             "--grpc_tls_client_ca=" + Path("ca.pem")});
  ASSERT_TRUE(files.ok()) << files.status();
  EXPECT_EQ(files->cert, Path("server.pem"));
  EXPECT_EQ(files->key, Path("server.key"));
  EXPECT_EQ(files->ca, Path("ca.pem"));
}

TEST_F(GrpcTlsFlagsTest, WhatIsMissingOrBadIsNamed) {
  ExpectBad({"--grpc_tls_client_ca=" + Path("ca.pem")}, "--grpc_tls_cert");
  ExpectBad({"--grpc_tls_cert=" + Path("server.pem")}, "--grpc_tls_key");
  ExpectBad({"--grpc_tls_cert=" + Path("server.pem"), "--grpc_tls_key=" + Path("client.key")},
            Path("client.key") + ": it is not the key");
  ExpectBad({"--grpc_tls_cert=/none", "--grpc_tls_key=" + Path("server.key")}, "/none");
}

}  // namespace
}  // namespace livecounter::runtime
