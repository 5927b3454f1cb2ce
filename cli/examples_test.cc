// The help's own examples, run: they must work as they are written, and between them they must reach every
// method that the two services have.

#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "cli/cli_fixture.h"
#include "cli/commands/commands.h"
#include "cli/fake_gateway.h"
#include "google/protobuf/descriptor.h"
#include "livecounter/v1/admin_service.pb.h"
#include "livecounter/v1/counter_service.pb.h"

namespace livecounter::cli {
namespace {

std::set<std::string> MethodsOf(const google::protobuf::FileDescriptor& file) {
  std::set<std::string> methods;
  for (int s = 0; s < file.service_count(); ++s) {
    for (int m = 0; m < file.service(s)->method_count(); ++m) {
      methods.insert(
          absl::StrCat(file.service(s)->name(), "/", file.service(s)->method(m)->name()));
    }
  }
  return methods;
}

// What stands after the program's name and before a pipe or a redirection; empty for lines that are about
// the shell.
std::string OwnPart(absl::string_view line) {
  if (!absl::ConsumePrefix(&line, "livecounterctl ")) return "";
  const size_t command = line.find("$(");
  if (command != absl::string_view::npos) return std::string(line.substr(0, command)) + "x";
  return std::string(line.substr(0, std::min(line.find_first_of("<>"), line.find(" | "))));
}

class ExamplesTest : public CliTest {
 protected:
  ExamplesTest() {
    terminal_.can_ask = true;
    terminal_.answers = {"correct horse battery"};
    environment_["LIVECOUNTER_ACCOUNT"] = "demo";
    environment_["XDG_CONFIG_HOME"] = home_;
    v1::VerificationProgress passed;
    passed.set_done(true);
    passed.set_passed(true);
    server_.AnswerStream("AdminService/TestVerification", {&passed});
    server_.AnswerStream("AdminService/SaveVerification", {&passed});
    v1::BackupChunk piece;
    piece.set_data("all");
    piece.set_total_bytes(3);
    v1::BackupChunk last;
    last.set_total_bytes(3);
    last.set_sha256("5ef5ef0364b6939c4ca61f34b393f7b368d1be8619647aaf83d5b395919ab629");
    server_.AnswerStream("AdminService/DownloadBackup", {&piece, &last});
    v1::ApiKey key;
    key.set_key("k");
    server_.Answer("AdminService/CreateApiKey", key);
    v1::ListApiKeysResponse keys;
    *keys.add_api_keys() = key;
    keys.mutable_api_keys(0)->set_state(v1::ApiKey::ACTIVE);
    server_.Answer("AdminService/ListApiKeys", keys);
    v1::ListCountersResponse counters;
    counters.add_counters()->set_name("accounts/demo/products/demo/counters/1");
    server_.Answer("CounterService/ListCounters", counters);
  }

  FakeGateway gateway_;

  void RunExamples() {
    for (const char* name : {"production", "staging"}) {
      ASSERT_EQ(Run(absl::StrCat("context set ", name, " --server=", server_.address())), 0)
          << err_;
    }
    for (const Command& command : AllCommands()) {
      ASSERT_FALSE(command.examples.empty()) << command.path;
      for (const Example& example : command.examples) {
        const std::string line = absl::StrReplaceAll(
            OwnPart(example.line), {{"counter.example:9090 --tls", server_.address()},
                                    {"127.0.0.1:8080", gateway_.address()},
                                    {"127.0.0.1:9100", gateway_.address()}});
        if (line.empty()) continue;
        EXPECT_EQ(Run(line, "y\n"), 0) << example.line << "\n" << err_;
      }
    }
  }
};

TEST_F(ExamplesTest, WorkAndReachEveryMethodOfBothServices) {
  RunExamples();
  std::set<std::string> methods = MethodsOf(*v1::Account::descriptor()->file());
  methods.merge(MethodsOf(*v1::Counter::descriptor()->file()));
  ASSERT_GT(methods.size(), 30u);
  for (const FakeServer::Call& call : server_.calls()) methods.erase(call.method);
  EXPECT_THAT(methods, testing::IsEmpty()) << "no example calls these methods";
}

TEST_F(ExamplesTest, AreOfTheCommandThatTheyExplain) {
  for (const Command& command : AllCommands()) {
    for (const Example& example : command.examples) {
      EXPECT_TRUE(
          absl::StrContains(absl::StrCat(example.line, " "), absl::StrCat(command.path, " ")) ||
          command.path == "context use")
          << command.path << ": " << example.line;
    }
  }
}

TEST_F(ExamplesTest, SendTheTokenWithEveryCallButSignUpAndSignIn) {
  RunExamples();
  for (const FakeServer::Call& call : server_.calls()) {
    const bool anonymous =
        call.method == "AdminService/SignUp" || call.method == "AdminService/SignIn";
    EXPECT_EQ(call.authorization, anonymous ? "" : absl::StrCat("Bearer ", kToken)) << call.method;
  }
}

}  // namespace
}  // namespace livecounter::cli
