#include "gateway/net/tls_server_context.h"

#include <openssl/x509.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/runtime/test_certificates.h"

namespace livecounter::gateway::net {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Files of our own, which start as those of the server, and the context that was loaded from them.
class TlsServerContextTest : public testing::Test {
 protected:
  TlsServerContextTest() { Install("server"); }

  std::string Path(const std::string& name) const { return certificates_.Path(name); }
  runtime::TlsFiles files() const { return {.cert = Path("edge.pem"), .key = Path("edge.key")}; }

  void Copy(const std::string& from, const std::string& to) {
    std::filesystem::copy_file(Path(from), Path(to + ".new"));
    std::filesystem::rename(Path(to + ".new"), Path(to));
  }
  void Install(const std::string& name) {
    Copy(name + ".key", "edge.key");
    Copy(name + ".pem", "edge.pem");
  }

  void Load() {
    auto loaded = TlsServerContext::Load(
        files(), [this](const absl::Status& result) { changes_.push_back(result); });
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    context_ = *std::move(loaded);
  }
  // As often as it takes to believe what is seen, and once more.
  void Look() {
    for (int i = 0; i < 3; ++i) context_->LookAtFiles();
  }
  // Of the certificate that new connections are shown.
  std::string CommonName() {
    char name[64] = "";
    X509_NAME_get_text_by_NID(
        X509_get_subject_name(SSL_get_certificate(context_->NewSession().get())), NID_commonName,
        name, sizeof(name));
    return name;
  }

  runtime::TestCertificates certificates_;
  std::vector<absl::Status> changes_;
  std::unique_ptr<TlsServerContext> context_;
};

TEST_F(TlsServerContextTest, ServesWithTheCertificateOfTheFiles) {
  Load();
  EXPECT_EQ(CommonName(), "localhost");
}

TEST_F(TlsServerContextTest, ShowsTheCertificatesThatLeadToTheRootToo) {
  std::ofstream(Path("edge.pem"), std::ios::app) << std::ifstream(Path("ca.pem")).rdbuf();
  Load();
  const TlsSession session = context_->NewSession();
  STACK_OF(X509)* chain = nullptr;
  SSL_get0_chain_certs(session.get(), &chain);
  EXPECT_EQ(sk_X509_num(chain), 1);
}

TEST_F(TlsServerContextTest, AChainThatIsCutIsRefused) {
  std::ofstream(Path("edge.pem"), std::ios::app) << "-----BEGIN CERTIFICATE-----\nAAAA\n";
  const auto loaded = TlsServerContext::Load(files(), nullptr);
  EXPECT_EQ(loaded.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(loaded.status().message()), HasSubstr(Path("edge.pem")));
}

TEST_F(TlsServerContextTest, FilesThatCannotBeUsedAreRefused) {
  Copy("client.key", "edge.key");
  const auto loaded = TlsServerContext::Load(files(), nullptr);
  EXPECT_THAT(std::string(loaded.status().message()), HasSubstr("not the key of the certificate"));
}

TEST_F(TlsServerContextTest, NothingHappensWhileNothingChanges) {
  Load();
  Look();
  EXPECT_THAT(changes_, IsEmpty());
}

TEST_F(TlsServerContextTest, NewFilesAreUsedForNewConnections) {
  Load();
  const TlsSession old = context_->NewSession();
  Install("client");
  Look();
  EXPECT_THAT(changes_, ElementsAre(absl::OkStatus()));
  EXPECT_EQ(CommonName(), "client");
  EXPECT_NE(SSL_get_certificate(old.get()), nullptr);
}

TEST_F(TlsServerContextTest, FilesThatAreBeingWrittenAreLeftAlone) {
  Load();
  Copy("client.key", "edge.key");
  context_->LookAtFiles();
  Copy("client.pem", "edge.pem");
  context_->LookAtFiles();
  EXPECT_THAT(changes_, IsEmpty());
  context_->LookAtFiles();
  EXPECT_THAT(changes_, ElementsAre(absl::OkStatus()));
}

TEST_F(TlsServerContextTest, BadFilesKeepWhatWasThereAndAreToldOnce) {
  Load();
  Copy("client.key", "edge.key");
  Look();
  Look();
  ASSERT_EQ(changes_.size(), 1u);
  EXPECT_THAT(std::string(changes_[0].message()), HasSubstr("not the key of the certificate"));
  EXPECT_EQ(CommonName(), "localhost");
}

TEST_F(TlsServerContextTest, FilesThatAreGoneKeepWhatWasThereAndAreTakenWhenTheyComeBack) {
  Load();
  std::filesystem::remove(Path("edge.pem"));
  Look();
  ASSERT_EQ(changes_.size(), 1u);
  EXPECT_EQ(changes_[0].code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(CommonName(), "localhost");
  Install("client");
  Look();
  EXPECT_EQ(CommonName(), "client");
}

// As Kubernetes replaces the files of a Secret: by a link, to another folder, all at once.
TEST_F(TlsServerContextTest, FilesBehindALinkAreSeenToChange) {
  Copy("client.pem", "other.pem");
  Copy("client.key", "other.key");
  for (const std::string kind : {"pem", "key"}) {
    std::filesystem::rename(Path("edge." + kind), Path("real." + kind));
    std::filesystem::create_symlink(Path("real." + kind), Path("edge." + kind));
  }
  Load();
  for (const std::string kind : {"pem", "key"}) {
    std::filesystem::remove(Path("edge." + kind));
    std::filesystem::create_symlink(Path("other." + kind), Path("edge." + kind));
  }
  Look();
  EXPECT_EQ(CommonName(), "client");
}

TEST_F(TlsServerContextTest, TheTimerLooksByItself) {
  const auto loop = Loop::Create(absl::Now());
  ASSERT_TRUE(loop.ok());
  auto loaded =
      TlsServerContext::Load(files(), [&loop](const absl::Status& /*result*/) { (*loop)->Stop(); });
  ASSERT_TRUE(loaded.ok());
  context_ = *std::move(loaded);
  Install("client");
  const TlsReloadTimer timer(**loop, *context_);
  (*loop)->Run();  // until a change is told
  EXPECT_EQ(CommonName(), "client");
}

}  // namespace
}  // namespace livecounter::gateway::net
