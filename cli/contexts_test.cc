#include "cli/contexts.h"

#include <sys/stat.h>

#include <string>

#include "cli/cli_fixture.h"

namespace livecounter::cli {
namespace {

using testing::HasSubstr;

class ContextsTest : public CliTest {
 protected:
  ContextsTest() {
    environment_.erase("LIVECOUNTER_SERVER");
    environment_.erase("LIVECOUNTER_TOKEN");
  }
  std::string File() const { return Path(".config/livecounter/contexts.json"); }
  Contexts Load() {
    absl::StatusOr<Contexts> contexts = LoadContexts(File());
    EXPECT_TRUE(contexts.ok()) << contexts.status();
    return contexts.ok() ? *contexts : Contexts{};
  }
};

TEST_F(ContextsTest, AreKeptWhereOnlyTheUserReads) {
  ASSERT_EQ(Run("context set a --server=host:1 --token_file=token --tls_ca=ca.pem"), 0) << err_;
  struct stat file = {};
  ASSERT_EQ(stat(File().c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600u);
  const Contexts contexts = Load();
  EXPECT_EQ(contexts.current, "a");
  const Context& context = contexts.by_name.at("a");
  EXPECT_EQ(context.server, "host:1");
  EXPECT_EQ(context.token_file, Path("token")) << "paths hold from every folder";
  EXPECT_EQ(context.tls_files.ca, Path("ca.pem"));
  EXPECT_TRUE(context.tls);
}

TEST_F(ContextsTest, WhatIsWrittenIsRead) {
  Contexts contexts;
  contexts.current = "ü";
  contexts.by_name["ü"] = {.server = "h:1",
                           .token = "secret",
                           .token_file = "/f",
                           .account = "demo",
                           .url = "https://live.example",
                           .tls = true,
                           .tls_files = {.cert = "/c", .key = "/k", .ca = "/a"}};
  contexts.by_name["plain"] = {.server = "h:2"};
  const absl::StatusOr<Contexts> read = ParseContexts(ContextsText(contexts));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->current, contexts.current);
  EXPECT_EQ(read->by_name, contexts.by_name);
}

TEST_F(ContextsTest, SetChangesOnlyWhatIsGiven) {
  ASSERT_EQ(Run("context set a --server=host:1 --token_file=token"), 0);
  ASSERT_EQ(Run("context set a --account=accounts/demo"), 0);
  const Context context = Load().by_name.at("a");
  EXPECT_EQ(context.server, "host:1");
  EXPECT_EQ(context.account, "demo");
  EXPECT_EQ(context.token_file, Path("token"));
}

TEST_F(ContextsTest, AnotherServerDoesNotGetTheSession) {
  ASSERT_TRUE(SaveContexts(File(), {.current = "a",
                                    .by_name = {{"a", {.server = "h:1", .token = "secret"}}}})
                  .ok());
  ASSERT_EQ(Run("context set a --server=h:2"), 0);
  EXPECT_EQ(Load().by_name.at("a").token, "");
}

TEST_F(ContextsTest, UseAndDeleteNameWhatThereIs) {
  ASSERT_EQ(Run("context set a"), 0);
  ASSERT_EQ(Run("context set b"), 0);
  EXPECT_EQ(Run("context use b"), 0);
  EXPECT_EQ(Load().current, "b");
  EXPECT_EQ(Run("context use c"), 2);
  EXPECT_THAT(err_, HasSubstr("there are a, b"));
  EXPECT_EQ(Run("context delete b"), 0);
  EXPECT_EQ(Load().current, "");
  EXPECT_EQ(Run("context delete b"), 2);
}

TEST_F(ContextsTest, ListShowsNoToken) {
  ASSERT_TRUE(SaveContexts(File(), {.current = "a",
                                    .by_name = {{"a", {.server = "h:1", .token = "secret"}}}})
                  .ok());
  for (const char* line : {"context list", "context list -o json"}) {
    EXPECT_EQ(Run(line), 0);
    EXPECT_THAT(out_, HasSubstr("h:1"));
    EXPECT_THAT(out_, testing::Not(HasSubstr("secret")));
  }
}

TEST_F(ContextsTest, NamesAreWords) {
  EXPECT_EQ(Run("context set 'a b'"), 2);
  EXPECT_THAT(err_, HasSubstr("1 to 64 letters"));
}

TEST_F(ContextsTest, ABrokenFileIsNamedAndLeftAlone) {
  std::filesystem::create_directories(Path(".config/livecounter"));
  for (const char* text : {"{", "[]", R"({"contexts":[]})", R"({"contexts":{"a":1}})",
                           R"({"contexts":{"a":{"server":1}}})", R"({"contexts":{"a":{}}})",
                           R"({"contexts":{"a":{"server":"h","tls":"yes"}}})"}) {
    WriteFile(".config/livecounter/contexts.json", text);
    EXPECT_EQ(Run("context set a"), 1) << text;
    EXPECT_THAT(err_, HasSubstr(File())) << text;
    EXPECT_EQ(ReadFile(".config/livecounter/contexts.json"), text);
  }
}

TEST_F(ContextsTest, WithoutAHomeThereAreNone) {
  environment_.erase("HOME");
  EXPECT_EQ(Run("context list"), 0);
  EXPECT_EQ(Run("context set a"), 1);
  EXPECT_THAT(err_, HasSubstr("HOME"));
}

}  // namespace
}  // namespace livecounter::cli
