// backup: what is asked of the server, what is written, and what is not.

#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include "cli/cli_fixture.h"
#include "livecounter/v1/admin_service.pb.h"
#include "services/runtime/sha256.h"

namespace livecounter::cli {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr char kMethod[] = "AdminService/DownloadBackup";

class BackupTest : public CliTest {
 protected:
  static std::string SumOf(const std::string& bytes) {
    runtime::Sha256 sum;
    sum.Update(bytes);
    return sum.Finish();
  }
  // As the server sends these pieces, but for the sum if another one is given.
  void Answer(const std::vector<std::string>& pieces, const std::string& sum = "",
              const absl::Status& end = absl::OkStatus()) {
    std::string whole;
    for (const std::string& piece : pieces) whole += piece;
    std::vector<v1::BackupChunk> chunks;
    for (const std::string& piece : pieces) {
      chunks.emplace_back().set_data(piece);
      chunks.back().set_total_bytes(static_cast<int64_t>(whole.size()));
    }
    chunks.emplace_back().set_total_bytes(static_cast<int64_t>(whole.size()));
    chunks.back().set_sha256(sum.empty() ? SumOf(whole) : sum);
    std::vector<const google::protobuf::Message*> messages;
    for (const v1::BackupChunk& chunk : chunks) messages.push_back(&chunk);
    server_.AnswerStream(kMethod, messages, end);
  }
  size_t FilesInHome() const {
    const std::filesystem::directory_iterator files(home_);
    return static_cast<size_t>(std::distance(begin(files), end(files)));
  }
};

TEST_F(BackupTest, TheFileIsWhatTheServerSentForItsOwnerOnly) {
  Answer({"first ", "second"});
  ASSERT_EQ(Run("backup copies/../today.tar"), 0) << err_;
  EXPECT_EQ(ReadFile("today.tar"), "first second");
  EXPECT_EQ(err_, absl::StrCat("wrote ", Path("today.tar"), ": 0.0 MB, SHA-256 ",
                               SumOf("first second"), "\n"));
  struct stat found = {};
  ASSERT_EQ(stat(Path("today.tar").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600U);
  EXPECT_EQ(FilesInHome(), 1U) << "nothing else is left";
}

TEST_F(BackupTest, JsonSaysWhatWasWritten) {
  Answer({"all"});
  ASSERT_EQ(Run("backup x -o json"), 0) << err_;
  EXPECT_THAT(out_,
              AllOf(HasSubstr("\"bytes\": \"3\""), HasSubstr(SumOf("all")), HasSubstr(Path("x"))));
}

TEST_F(BackupTest, ADashIsStandardOutputAndNothingElse) {
  Answer({"one", "two"});
  ASSERT_EQ(Run("backup -"), 0) << err_;
  EXPECT_EQ(out_, "onetwo");
  EXPECT_THAT(err_, HasSubstr("wrote the backup"));
  terminal_.can_redraw = true;
  EXPECT_EQ(Run("backup -"), 2);
  EXPECT_THAT(err_, HasSubstr("terminal"));
}

TEST_F(BackupTest, WhatIsThereIsNotWrittenOver) {
  WriteFile("today.tar", "yesterday's");
  EXPECT_EQ(Run("backup today.tar"), 1);
  EXPECT_THAT(err_, HasSubstr(Path("today.tar")));
  EXPECT_EQ(ReadFile("today.tar"), "yesterday's");
  EXPECT_THAT(server_.calls(), SizeIs(0)) << "the server is not asked for nothing";
}

TEST_F(BackupTest, WhatDoesNotHaveItsSumIsNotKept) {
  Answer({"first"}, SumOf("another"));
  EXPECT_EQ(Run("backup x"), 1);
  EXPECT_THAT(err_, HasSubstr("not what the server sent"));
  EXPECT_EQ(FilesInHome(), 0U);
}

TEST_F(BackupTest, WhatEndsInAnErrorIsNotKept) {
  Answer({"first"}, "", absl::UnavailableError("the counter service is going down"));
  EXPECT_EQ(Run("backup x"), 1);
  EXPECT_THAT(err_, HasSubstr("going down"));
  EXPECT_EQ(FilesInHome(), 0U);
}

TEST_F(BackupTest, WhatEndsWithoutAnErrorTooEarlyIsNotKept) {
  v1::BackupChunk chunk;
  chunk.set_data("half");
  chunk.set_total_bytes(8);
  server_.AnswerStream(kMethod, {&chunk});
  EXPECT_EQ(Run("backup x"), 1);
  EXPECT_THAT(err_, HasSubstr("4 of 8 bytes"));
  EXPECT_EQ(FilesInHome(), 0U);
}

TEST_F(BackupTest, AFolderThatIsNotThereIsNamed) {
  EXPECT_EQ(Run("backup no/such/folder.tar"), 1);
  EXPECT_THAT(err_, HasSubstr(Path("no/such/folder.tar")));
}

TEST_F(BackupTest, InATerminalItShowsHowFarItIs) {
  terminal_.can_redraw = true;
  Answer({"all of it"});
  ASSERT_EQ(Run("backup x"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("0.0 MB of 0.0 MB"));
}

TEST_F(BackupTest, OnTheServerAPathIsMadeAbsolute) {
  ASSERT_EQ(Run("backup --on_server copies/../today"), 0) << err_;
  ASSERT_EQ(Run("backup --on_server /var/backups/x"), 0) << err_;
  EXPECT_THAT(server_.RequestsOf("AdminService/Backup"),
              ElementsAre("directory: \"" + Path("today") + "\"", "directory: \"/var/backups/x\""));
}

}  // namespace
}  // namespace livecounter::cli
