#include "services/runtime/bearer_token.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::runtime {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

TEST(TokenVerifierTest, MatchesItsTokenAndNothingElse) {
  SecureRandom random;
  const TokenVerifier verifier("t0ken", random);
  EXPECT_TRUE(verifier.Matches("t0ken"));
  for (const char* other : {"", "t0ke", "t0ken ", "T0ken", "t0kenn"}) {
    EXPECT_FALSE(verifier.Matches(other)) << other;
  }
}

TEST(CheckAuthorizationTest, OnlyTheBearerOfTheTokenPasses) {
  SecureRandom random;
  const TokenVerifier verifier("t0ken", random);
  for (const char* header : {"Bearer t0ken", "bearer t0ken", "BEARER  t0ken"}) {
    EXPECT_TRUE(CheckAuthorization(header, verifier).ok()) << header;
  }
  for (const char* header : {"", "t0ken", "Bearer", "Bearer ", "Bearer other", "Basic t0ken",
                             "Bearert0ken", "Bearer t0ken, Bearer other"}) {
    const absl::Status status = CheckAuthorization(header, verifier);
    EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated) << header;
    EXPECT_THAT(std::string(status.message()), HasSubstr("\"authorization: Bearer <token>\""));
  }
}

TEST(CheckAuthorizationTest, RefusalsSayWhyAndNeverRepeatWhatWasSent) {
  SecureRandom random;
  const TokenVerifier verifier("t0ken", random);
  EXPECT_THAT(std::string(CheckAuthorization("", verifier).message()), HasSubstr("missing"));
  EXPECT_THAT(std::string(CheckAuthorization("Basic s3cret", verifier).message()),
              AllOf(HasSubstr("another scheme"), Not(HasSubstr("s3cret"))));
  EXPECT_THAT(std::string(CheckAuthorization("Bearer s3cret", verifier).message()),
              AllOf(HasSubstr("not valid"), Not(HasSubstr("s3cret"))));
}

TEST(CheckAuthorizationTest, TheHeaderThatWeSendIsTheOneThatWeTake) {
  SecureRandom random;
  const std::string token = MakeToken(random);
  EXPECT_TRUE(CheckAuthorization(AuthorizationHeader(token), TokenVerifier(token, random)).ok());
}

TEST(MakeTokenTest, TokensAre256BitsOfBase64Url) {
  SecureRandom random;
  std::set<std::string> tokens;
  for (int i = 0; i < 100; ++i) {
    const std::string token = MakeToken(random);
    EXPECT_THAT(token, MatchesRegex("[A-Za-z0-9_-]+"));
    EXPECT_EQ(token.size(), 43u);
    tokens.insert(token);
  }
  EXPECT_EQ(tokens.size(), 100u);
}

class TokenFileTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(mkdtemp(folder_.data()), nullptr);
    path_ = absl::StrCat(folder_, "/admin-token");
  }
  void TearDown() override {
    unlink(path_.c_str());
    rmdir(folder_.c_str());
  }
  void WriteFile(absl::string_view text) { std::ofstream(path_) << text; }

  std::string folder_ = absl::StrCat(testing::TempDir(), "/token_test_XXXXXX");
  std::string path_;
  SecureRandom random_;
};

TEST_F(TokenFileTest, TheLineEndIsNotPartOfTheToken) {
  for (const char* text : {"t0ken", "t0ken\n", "t0ken\r\n", "  t0ken  \n\n"}) {
    WriteFile(text);
    EXPECT_EQ(LoadToken(path_).value(), "t0ken");
  }
}

TEST_F(TokenFileTest, UnusableFilesAreNamedWithTheReason) {
  const struct {
    std::string content;
    const char* why;
  } kCases[] = {
      {"", "it holds no token"},
      {"\n \n", "it holds no token"},
      {"two words", "one line of printable ASCII without blanks"},
      {"two\nlines", "one line of printable ASCII without blanks"},
      {"t\xc3\xb6ken", "one line of printable ASCII without blanks"},
      {std::string(4097, 'x'), "more than 4096 bytes"},
  };
  for (const auto& c : kCases) {
    WriteFile(c.content);
    const absl::Status status = LoadToken(path_).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.why;
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.why));
    EXPECT_THAT(std::string(status.message()), HasSubstr(path_));
  }
}

TEST_F(TokenFileTest, AMissingFileIsNotFound) {
  EXPECT_EQ(LoadToken(path_).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(TokenFileTest, TheFirstStartMakesATokenAndLaterOnesKeepIt) {
  const std::string token = LoadOrCreateToken(path_, random_).value();
  EXPECT_EQ(token.size(), 43u);
  EXPECT_EQ(LoadOrCreateToken(path_, random_).value(), token);
  EXPECT_EQ(LoadToken(path_).value(), token);
  struct stat info = {};
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600u);
}

TEST_F(TokenFileTest, ABrokenFileIsNotReplaced) {
  WriteFile("");
  EXPECT_EQ(LoadOrCreateToken(path_, random_).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(TokenFileTest, AMissingFolderIsAnErrorThatNamesTheFile) {
  const std::string path = absl::StrCat(folder_, "/none/admin-token");
  const absl::Status status = LoadOrCreateToken(path, random_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr(path));
}

TEST_F(TokenFileTest, AllThatStartAtOnceGetTheSameToken) {
  absl::Mutex mutex;
  std::set<std::string> tokens;
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      const std::string token = LoadOrCreateToken(path_, random_).value();
      absl::MutexLock lock(&mutex);
      tokens.insert(token);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(tokens.size(), 1u);
}

}  // namespace
}  // namespace livecounter::runtime
