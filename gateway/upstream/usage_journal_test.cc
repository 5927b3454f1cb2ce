// The file of the journal of usage: its text, and what becomes of one that is not as it was written.

#include "gateway/upstream/usage_journal.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/runtime/sha256.h"

namespace livecounter::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kHour = 1'700'002'800;
constexpr char kLines[] =
    "livecounter usage journal 1\n"
    "since 1700002800123\n"
    "batch 00112233445566778899aabbccddeeff 17 1700002801023\n"
    "1700002800 42 accounts/a/products/p\n"
    "waiting\n"
    "1700002800 7 accounts/a/products/p\n"
    "1700002800 1 accounts/b/products/q\n";

std::string WithChecksum(const std::string& lines) {
  runtime::Sha256 sha;
  sha.Update(lines);
  return absl::StrCat(lines, "sha256 ", sha.Finish(), "\n");
}

UsageBacklog Backlog() {
  UsageBacklog backlog;
  backlog.since = absl::FromUnixMillis(1'700'002'800'123);
  backlog.batch = {
      17, {{"accounts/a/products/p", kHour, 42}}, HolderId{0x0011223344556677, 0x8899aabbccddeeff}};
  backlog.sent_since = absl::FromUnixMillis(1'700'002'801'023);
  backlog.waiting = {{"accounts/a/products/p", kHour, 7}, {"accounts/b/products/q", kHour, 1}};
  return backlog;
}

TEST(UsageJournalFormatTest, ItIsTextThatEndsInItsChecksum) {
  EXPECT_EQ(
      EncodeUsageJournal(Backlog()),
      absl::StrCat(kLines,
                   "sha256 088c44747408c7915cc865094fad16e17aea42954cda3d38bab693056cba37ca\n"));
  EXPECT_EQ(EncodeUsageJournal(Backlog()), WithChecksum(kLines));
}

TEST(UsageJournalFormatTest, WhatWasWrittenIsRead) {
  UsageBacklog backlog = Backlog();
  EXPECT_EQ(*DecodeUsageJournal(EncodeUsageJournal(backlog)), backlog);
  backlog.waiting.clear();
  EXPECT_EQ(*DecodeUsageJournal(EncodeUsageJournal(backlog)), backlog);
}

TEST(UsageJournalFormatTest, OneThatIsTornIsRefusedWhereverThatIs) {
  const std::string text = EncodeUsageJournal(Backlog());
  for (size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(DecodeUsageJournal(text.substr(0, size)).ok()) << size;
  }
}

TEST(UsageJournalFormatTest, OneThatWasChangedIsRefusedWhereverThatIs) {
  const std::string text = EncodeUsageJournal(Backlog());
  for (size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] ^= 1;
    EXPECT_FALSE(DecodeUsageJournal(changed).ok()) << i;
  }
}

TEST(UsageJournalFormatTest, WhatIsNotOfItsFormIsRefusedThoughItsChecksumIsRight) {
  ASSERT_TRUE(DecodeUsageJournal(WithChecksum(kLines)).ok());
  const std::vector<std::pair<std::string, std::string>> replacements = {
      {"journal 1", "journal 2"},
      {"since 1", "since x"},
      {"since 1", "since  1"},
      {"since", "until"},
      {"batch 00", "batch 0g"},
      {"batch 00", "batch 0"},
      {"eeff 17", "EEFF 17"},
      {" 17 ", " 0 "},
      {" 17 ", " -1 "},
      {" 17 ", " 017 "},
      {" 17 ", " 18446744073709551616 "},
      {" 1700002801023", ""},
      {"1700002800 42", "1700002801 42"},
      {"1700002800 42", "-3600 42"},
      {"1700002800 42 accounts/a/products/p\n", ""},
      {" 42 ", " 0 "},
      {" 42 ", " -42 "},
      {" 42 ", " 1000000000001 "},
      {" 42 accounts/a", " 42 a"},
      {"waiting\n", ""},
      {"waiting\n", "waiting\n\n"},
      {"7 accounts/a/products/p", "7 accounts/b/products/q"},
      {"7 accounts/a/products/p", "7 accounts/c/products/q"},
      {"q\n", "q"},
      {"q\n", "q\n\n"},
      {"q\n", "q more\n"},
  };
  for (const auto& [from, to] : replacements) {
    const std::string lines = absl::StrReplaceAll(kLines, {{from, to}});
    ASSERT_NE(lines, kLines) << from;
    EXPECT_EQ(DecodeUsageJournal(WithChecksum(lines)).status().code(),
              absl::StatusCode::kInvalidArgument)
        << lines;
  }
}

TEST(UsageJournalFormatTest, ABatchThatFitsIntoNoFrameIsRefused) {
  UsageBacklog backlog = Backlog();
  backlog.batch.entries.clear();
  for (int64_t i = 0; i < 2049; ++i) {
    backlog.batch.entries.push_back({"accounts/a/products/p", kHour + 3600 * i, 1});
  }
  EXPECT_FALSE(DecodeUsageJournal(EncodeUsageJournal(backlog)).ok());
  backlog.batch.entries.pop_back();
  EXPECT_EQ(*DecodeUsageJournal(EncodeUsageJournal(backlog)), backlog);
}

class UsageJournalTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(mkdtemp(scratch_.data()), nullptr); }
  ~UsageJournalTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(scratch_, ignored);
  }

  std::string directory() const { return scratch_ + "/state/gateway"; }
  std::string file() const { return directory() + "/usage-journal"; }
  std::unique_ptr<UsageJournal> Open() {
    auto journal = UsageJournal::Open(directory(), logger_);
    EXPECT_TRUE(journal.ok()) << journal.status();
    return *std::move(journal);
  }
  void Put(const std::string& text) const {
    std::filesystem::create_directories(directory());
    std::ofstream(file()) << text;
  }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory())) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }

  std::string scratch_ = absl::StrCat(::testing::TempDir(), "/usage_journal_XXXXXX");
  std::string log_;
  observability::Logger logger_{
      {.sink = [this](absl::string_view line) { absl::StrAppend(&log_, line); }}};
};

TEST_F(UsageJournalTest, WhatOneProcessLeavesTheNextOneFinds) {
  auto journal = Open();
  EXPECT_FALSE(journal->found().has_value());
  ASSERT_TRUE(journal->Apply({Backlog()}).ok());
  EXPECT_THAT(Names(), ElementsAre("usage-journal"));
  journal.reset();
  EXPECT_EQ(Open()->found(), Backlog());
}

TEST_F(UsageJournalTest, OneThatIsRemovedIsNotFound) {
  auto journal = Open();
  ASSERT_TRUE(journal->Apply({Backlog()}).ok());
  ASSERT_TRUE(journal->Apply({}).ok());
  ASSERT_TRUE(journal->Apply({}).ok());
  EXPECT_THAT(Names(), IsEmpty());
  journal.reset();
  EXPECT_FALSE(Open()->found().has_value());
}

TEST_F(UsageJournalTest, AFileHalfWrittenBesideIsNothing) {
  {
    const auto journal = Open();
    ASSERT_TRUE(journal->Apply({Backlog()}).ok());
    std::ofstream(file() + ".new") << "livecounter usage";
  }
  const auto journal = Open();
  EXPECT_EQ(journal->found(), Backlog());
  EXPECT_TRUE(journal->Apply({Backlog()}).ok());
}

TEST_F(UsageJournalTest, WhatIsNoJournalIsToldOfAndSetAside) {
  for (const std::string& text :
       {std::string(), EncodeUsageJournal(Backlog()).substr(0, 99), std::string("?")}) {
    log_.clear();
    Put(text);
    const auto journal = Open();
    EXPECT_FALSE(journal->found().has_value());
    EXPECT_THAT(Names(), ElementsAre("usage-journal.unreadable"));
    EXPECT_THAT(log_, HasSubstr("usage_journal_unreadable"));
    EXPECT_TRUE(journal->Apply({Backlog()}).ok());
    EXPECT_TRUE(journal->Apply({}).ok());
  }
}

TEST_F(UsageJournalTest, OneProcessAtATimeHasTheDirectory) {
  auto journal = Open();
  const auto second = UsageJournal::Open(directory(), logger_);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("another process uses it"));
  journal.reset();
  Open();
}

TEST_F(UsageJournalTest, ADirectoryThatCannotBeIsNamed) {
  Put("");
  for (const absl::Status& status :
       {UsageJournal::Open(file() + "/in-a-file", logger_).status(), UsageJournal::Check(file())}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(status.message()), HasSubstr(file()));
  }
  EXPECT_TRUE(UsageJournal::Check(directory()).ok());
  EXPECT_TRUE(UsageJournal::Check(scratch_ + "/new").ok());
}

TEST_F(UsageJournalTest, ADiskThatTakesNoFileIsAnErrorAndWhatStandsThereStays) {
  auto journal = Open();
  ASSERT_TRUE(journal->Apply({Backlog()}).ok());
  std::filesystem::create_directory(file() + ".new");
  EXPECT_FALSE(journal->Apply({Backlog()}).ok());
  std::filesystem::remove(file() + ".new");
  journal.reset();
  EXPECT_EQ(Open()->found(), Backlog());
}

}  // namespace
}  // namespace livecounter::gateway
