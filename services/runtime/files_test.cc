#include "services/runtime/files.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class FilesTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(mkdtemp(folder_.data()), nullptr); }
  void TearDown() override {
    for (const std::string& name : Names()) unlink(Path(name).c_str());
    rmdir(folder_.c_str());
  }

  std::string Path(const std::string& name) const { return absl::StrCat(folder_, "/", name); }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    DIR* dir = opendir(folder_.c_str());
    while (const dirent* entry = readdir(dir)) {
      const std::string name = entry->d_name;
      if (name != "." && name != "..") names.push_back(name);
    }
    closedir(dir);
    return names;
  }

  std::string folder_ = absl::StrCat(testing::TempDir(), "/files_test_XXXXXX");
};

TEST_F(FilesTest, WhatIsCreatedCanBeRead) {
  const std::string bytes("a\0b\n", 4);
  ASSERT_TRUE(CreatePrivateFile(Path("f"), bytes).ok());
  EXPECT_EQ(ReadSmallFile(Path("f"), 4).value(), bytes);
}

TEST_F(FilesTest, WhatIsReplacedIsTheNewOneAlone) {
  for (const char* content : {"one", "another", ""}) {
    ASSERT_TRUE(ReplacePrivateFile(Path("f"), content).ok());
    EXPECT_EQ(ReadSmallFile(Path("f"), 100).value(), content);
    EXPECT_THAT(Names(), ElementsAre("f"));
  }
  struct stat info = {};
  ASSERT_EQ(stat(Path("f").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600u);
}

TEST_F(FilesTest, WhatCannotBeReplacedStaysAndTheErrorNamesIt) {
  ASSERT_TRUE(ReplacePrivateFile(Path("f"), "one").ok());
  ASSERT_EQ(mkdir(Path("f.new").c_str(), 0700), 0);
  const absl::Status status = ReplacePrivateFile(Path("f"), "another");
  EXPECT_THAT(std::string(status.message()), HasSubstr("f.new"));
  EXPECT_EQ(ReadSmallFile(Path("f"), 100).value(), "one");
  rmdir(Path("f.new").c_str());
}

TEST_F(FilesTest, WhatIsRemovedIsGoneAndMayBeAlready) {
  ASSERT_TRUE(ReplacePrivateFile(Path("f"), "one").ok());
  ASSERT_TRUE(RemoveFile(Path("f")).ok());
  EXPECT_THAT(Names(), ElementsAre());
  EXPECT_TRUE(RemoveFile(Path("f")).ok());
  EXPECT_FALSE(RemoveFile(Path("no-folder/f")).ok());
}

TEST_F(FilesTest, ADirectoryIsOneThatIsThereOrCanBeMade) {
  ASSERT_TRUE(ReplacePrivateFile(Path("f"), "one").ok());
  EXPECT_TRUE(CheckDirectory(folder_).ok());
  EXPECT_TRUE(CheckDirectory(Path("a/b/c")).ok());
  const absl::Status status = CheckDirectory(Path("f/a"));
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr(Path("f")));
}

TEST_F(FilesTest, OnlyItsOwnerMayReadACreatedFile) {
  const mode_t old_mask = umask(0);
  ASSERT_TRUE(CreatePrivateFile(Path("f"), "secret").ok());
  umask(old_mask);
  struct stat info = {};
  ASSERT_EQ(stat(Path("f").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600u);
}

TEST_F(FilesTest, AFileThatIsThereIsKept) {
  ASSERT_TRUE(CreatePrivateFile(Path("f"), "first").ok());
  EXPECT_EQ(CreatePrivateFile(Path("f"), "second").code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ReadSmallFile(Path("f"), 100).value(), "first");
}

TEST_F(FilesTest, NothingElseIsLeftInTheFolder) {
  ASSERT_TRUE(CreatePrivateFile(Path("f"), "first").ok());
  ASSERT_FALSE(CreatePrivateFile(Path("f"), "second").ok());
  EXPECT_THAT(Names(), ElementsAre("f"));
}

TEST_F(FilesTest, OfManyCreatorsOneWins) {
  absl::Mutex mutex;
  std::vector<std::string> winners;
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([this, t, &mutex, &winners] {
      const std::string content = absl::StrCat("content of ", t);
      if (!CreatePrivateFile(Path("f"), content).ok()) return;
      absl::MutexLock lock(&mutex);
      winners.push_back(content);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(winners, ElementsAre(ReadSmallFile(Path("f"), 100).value()));
}

TEST_F(FilesTest, AMissingFileIsNotFoundAndNamed) {
  const absl::Status status = ReadSmallFile(Path("none"), 10).status();
  EXPECT_EQ(status, absl::NotFoundError(
                        absl::StrCat("cannot read ", Path("none"), ": No such file or directory")));
}

TEST_F(FilesTest, AMissingFolderIsNotFoundAndNamed) {
  const absl::Status status = CreatePrivateFile(Path("no/f"), "x");
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr(Path("no/f")));
}

TEST_F(FilesTest, AFolderIsNotAFile) {
  EXPECT_EQ(ReadSmallFile(folder_, 10).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(FilesTest, TooLongAFileIsRefused) {
  ASSERT_TRUE(CreatePrivateFile(Path("f"), "12345").ok());
  EXPECT_EQ(ReadSmallFile(Path("f"), 4).status(),
            absl::InvalidArgumentError(
                absl::StrCat("cannot use ", Path("f"), ": it holds more than 4 bytes")));
}

}  // namespace
}  // namespace livecounter::runtime
