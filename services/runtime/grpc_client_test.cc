#include "services/runtime/grpc_client.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/runtime/grpc_server_fixture.h"
#include "services/runtime/test_certificates.h"

namespace livecounter::runtime {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;

class GrpcTlsTest : public GrpcServerTest {
 protected:
  GrpcServerOptions TlsOptions(const std::string& ca) {
    GrpcServerOptions options = Options();
    options.tls = {.cert = Path("server.pem"), .key = Path("server.key"), .ca = ca};
    return options;
  }
  std::string Path(const std::string& name) const { return certificates_.Path(name); }

  TestCertificates certificates_;
};

TEST_F(GrpcTlsTest, AClientThatTrustsTheServerIsServed) {
  Start(TlsOptions(""));
  const auto channel = Connect({.use_tls = true, .tls = {.ca = Path("ca.pem")}});
  EXPECT_EQ(Get(channel, "a").code, grpc::StatusCode::OK);
}

TEST_F(GrpcTlsTest, AClientThatDoesNotTrustTheServerOrSpeaksNoTlsIsNot) {
  Start(TlsOptions(""));
  const auto distrusting = Connect({.use_tls = true, .tls = {.ca = Path("other-ca.pem")}});
  EXPECT_EQ(Get(distrusting, "a").code, grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(Get(Connect(), "a").code, grpc::StatusCode::UNAVAILABLE);
}

TEST_F(GrpcTlsTest, WithAnAuthorityForClientsTheyMustShowACertificate) {
  Start(TlsOptions(Path("ca.pem")));
  const TlsFiles with_certificate = {
      .cert = Path("client.pem"), .key = Path("client.key"), .ca = Path("ca.pem")};
  EXPECT_EQ(Get(Connect({.use_tls = true, .tls = with_certificate}), "a").code,
            grpc::StatusCode::OK);
  EXPECT_EQ(Get(Connect({.use_tls = true, .tls = {.ca = Path("ca.pem")}}), "a").code,
            grpc::StatusCode::UNAVAILABLE);
}

TEST_F(GrpcTlsTest, ACertificateThatIsRenewedIsShownToWhoComesNext) {
  Start(TlsOptions(""));
  const TestCertificates renewed;
  const auto renewed_trust = [&] {
    return Connect({.use_tls = true, .tls = {.ca = renewed.Path("ca.pem")}});
  };
  EXPECT_EQ(Get(renewed_trust(), "a").code, grpc::StatusCode::UNAVAILABLE);
  for (const char* name : {"server.key", "server.pem"}) {
    std::filesystem::copy_file(renewed.Path(name), Path(name),
                               std::filesystem::copy_options::overwrite_existing);
  }
  EXPECT_TRUE(renewed_trust()->WaitForConnected(std::chrono::system_clock::now() +
                                                std::chrono::seconds(20)));
}

TEST_F(GrpcTlsTest, AGoodCertificateStaysWhenTheNewOneIsNone) {
  GrpcServerOptions options = TlsOptions("");
  std::vector<absl::Status> changes;  // one thread connects, and waits for it
  options.on_tls_change = [&](const absl::Status& result) { changes.push_back(result); };
  Start(options);
  const auto serves = [&] {
    const auto channel = Connect({.use_tls = true, .tls = {.ca = Path("ca.pem")}});
    return Get(channel, "a").code == grpc::StatusCode::OK;
  };
  EXPECT_TRUE(serves());
  std::ofstream(Path("server.key")) << "no key";
  EXPECT_TRUE(serves());
  EXPECT_TRUE(serves());
  ASSERT_EQ(changes.size(), 1u) << "told once";
  EXPECT_THAT(std::string(changes[0].message()), HasSubstr("server.key"));
  std::filesystem::remove(Path("server.pem"));
  EXPECT_TRUE(serves());
  EXPECT_EQ(changes.size(), 2u);
  std::filesystem::copy_file(Path("client.pem"), Path("server.pem"));
  EXPECT_TRUE(serves()) << "the key is not that of the certificate";
  EXPECT_EQ(changes.size(), 3u);
  EXPECT_THAT(changes, Each(Not(absl::OkStatus())));

  const TestCertificates renewed;
  for (const char* name : {"server.key", "server.pem"}) {
    std::filesystem::copy_file(renewed.Path(name), Path(name),
                               std::filesystem::copy_options::overwrite_existing);
  }
  EXPECT_EQ(Get(Connect({.use_tls = true, .tls = {.ca = renewed.Path("ca.pem")}}), "a").code,
            grpc::StatusCode::OK);
  EXPECT_TRUE(changes.back().ok());
}

TEST_F(GrpcTlsTest, AChannelUsesRenewedFilesForItsNextConnection) {
  GrpcServerOptions options = TlsOptions(Path("ca.pem"));
  Start(options);
  options.listen = ParseListenAddress(server_->address()).value();
  const TlsFiles files = {
      .cert = Path("client.pem"), .key = Path("client.key"), .ca = Path("ca.pem")};
  const auto channel = Connect({.use_tls = true, .tls = files});
  EXPECT_EQ(Get(channel, "a").code, grpc::StatusCode::OK);

  const TestCertificates renewed;  // of another authority
  for (const char* name : {"ca.pem", "client.key", "client.pem", "server.key", "server.pem"}) {
    std::filesystem::copy_file(renewed.Path(name), Path(name),
                               std::filesystem::copy_options::overwrite_existing);
  }
  EXPECT_EQ(Get(channel, "a").code, grpc::StatusCode::OK) << "by the connection that it has";
  server_.reset();
  Start(options);
  EXPECT_TRUE(
      channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(20)));
  EXPECT_EQ(Get(channel, "a").code, grpc::StatusCode::OK);
}

TEST_F(GrpcTlsTest, BadFilesAreErrorsOfStart) {
  GrpcServerOptions options = TlsOptions("");
  options.tls.key = Path("client.key");
  EXPECT_EQ(GrpcServer::Start(options, Services()).status().code(),
            absl::StatusCode::kInvalidArgument);
  options.tls = {.ca = Path("ca.pem")};
  EXPECT_EQ(GrpcServer::Start(options, Services()).status(),
            absl::InvalidArgumentError("TLS needs a certificate and its key on the server's side"));
}

TEST(GrpcClientTest, BadOptionsAreErrors) {
  EXPECT_EQ(MakeGrpcChannel({}).status(), absl::InvalidArgumentError("the target is empty"));
  EXPECT_EQ(MakeGrpcChannel({.target = "x:1", .tls = {.ca = "f"}}).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(
      MakeGrpcChannel({.target = "x:1", .use_tls = true, .tls = {.ca = "/none"}}).status().code(),
      absl::StatusCode::kNotFound);
}

TEST(GrpcClientTest, ItConnectsAgainToAServerThatCameBack) {
  absl::StatusOr<std::unique_ptr<GrpcServer>> first =
      GrpcServer::Start({.listen = {"127.0.0.1", 0}}, {});
  ASSERT_TRUE(first.ok()) << first.status();
  const ListenAddress address = ParseListenAddress((*first)->address()).value();
  const auto channel = MakeGrpcChannel({.target = address.ToString()}).value();
  const auto deadline = std::chrono::system_clock::now() + std::chrono::seconds(20);
  ASSERT_TRUE(channel->WaitForConnected(deadline));
  first->reset();
  ASSERT_TRUE(channel->WaitForStateChange(GRPC_CHANNEL_READY, deadline));
  absl::StatusOr<std::unique_ptr<GrpcServer>> second = GrpcServer::Start({.listen = address}, {});
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_TRUE(channel->WaitForConnected(deadline));
}

}  // namespace
}  // namespace livecounter::runtime
