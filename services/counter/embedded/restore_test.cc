#include "services/counter/embedded/restore.h"

#include <filesystem>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/counter/backup_archive.h"
#include "services/counter/embedded/scratch_directory.h"
#include "services/counter/embedded/store.h"

namespace livecounter::counter::embedded {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

class RestoreTest : public ::testing::Test {
 protected:
  RestoreTest() {
    const auto store = Store::Open({.directory = scratch_.Path("original")});
    EXPECT_TRUE((*store)->Commit({{Family::kCounters, "a", "1"}}, true).ok());
    EXPECT_TRUE((*store)->CopyTo(backup_).ok());
    fs::create_directories(data_);
  }
  std::string ValueIn() { return ValueIn(data_); }
  static std::string ValueIn(const std::string& data) {
    const auto store = Store::Open({.directory = StoreDirectory(data)});
    if (!store.ok()) return store.status().ToString();
    const auto value = (*store)->Get(Family::kCounters, "a");
    return *value ? **value : "(none)";
  }

  void Put(const std::string& value) {
    const auto store = Store::Open({.directory = StoreDirectory(data_)});
    EXPECT_TRUE((*store)->Commit({{Family::kCounters, "a", value}}, true).ok());
  }
  void WriteArchive(const std::string& path) {
    auto archive = BackupArchive::Of(backup_, absl::UnixEpoch());
    std::ofstream file(path, std::ios::binary);
    absl::StatusOr<std::string> piece = archive->Read(1000);
    for (; piece.ok() && !piece->empty(); piece = archive->Read(1000)) file << *piece;
  }

  ScratchDirectory scratch_;
  const std::string archive_ = scratch_.Path("backup.tar");
  const std::string backup_ = scratch_.Path("backup");
  const std::string data_ = scratch_.Path("data");
};

TEST_F(RestoreTest, TheStoreIsTheBackups) {
  ASSERT_TRUE(RestoreStore(backup_, data_).ok());
  EXPECT_EQ(ValueIn(), "1");
  EXPECT_FALSE(fs::exists(StoreDirectory(data_) + ".restoring"));
}

TEST_F(RestoreTest, TheBackupCanBeRestoredAgain) {
  ASSERT_TRUE(RestoreStore(backup_, data_).ok());
  Put("2");
  fs::remove_all(StoreDirectory(data_));
  ASSERT_TRUE(RestoreStore(backup_, data_).ok());
  EXPECT_EQ(ValueIn(), "1");
}

TEST_F(RestoreTest, TheSameRequestAgainIsDoneAlready) {
  EXPECT_EQ(*RestoreStore(backup_, data_), Restored::kNow);
  Put("2");
  EXPECT_EQ(*RestoreStore(backup_, data_), Restored::kBefore);
  EXPECT_EQ(*RestoreStore(scratch_.Path("data/../backup"), data_), Restored::kBefore);
  EXPECT_EQ(ValueIn(), "2") << "what was counted since is there";
  fs::remove_all(backup_);
  EXPECT_EQ(*RestoreStore(backup_, data_), Restored::kBefore) << "the backup may be gone";
}

TEST_F(RestoreTest, AStoreIsNeverReplaced) {
  { const auto store = Store::Open({.directory = StoreDirectory(data_)}); }
  const absl::Status refused = RestoreStore(backup_, data_).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), HasSubstr(StoreDirectory(data_)));
  EXPECT_EQ(ValueIn(), "(none)");
}

TEST_F(RestoreTest, AnotherBackupThanTheStoresOwnIsRefused) {
  const std::string other = scratch_.Path("other");
  fs::copy(backup_, other);
  ASSERT_TRUE(RestoreStore(backup_, data_).ok());
  const absl::Status refused = RestoreStore(other, data_).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()),
              AllOf(HasSubstr("was restored from " + backup_), HasSubstr("names " + other)));
}

TEST_F(RestoreTest, TheStoreOfAProgramThatDoesNotRunIsABackup) {
  ASSERT_TRUE(RestoreStore(backup_, data_).ok());
  Put("2");
  const std::string second = scratch_.Path("second");
  fs::create_directories(second);
  EXPECT_EQ(*RestoreStore(StoreDirectory(data_), second), Restored::kNow);
  EXPECT_EQ(*RestoreStore(StoreDirectory(data_), second), Restored::kBefore);
  EXPECT_EQ(ValueIn(second), "2");
}

TEST_F(RestoreTest, AnArchiveIsABackup) {
  WriteArchive(archive_);
  EXPECT_EQ(*RestoreStore(archive_, data_), Restored::kNow);
  EXPECT_EQ(*RestoreStore(archive_, data_), Restored::kBefore);
  EXPECT_EQ(ValueIn(), "1");
}

TEST_F(RestoreTest, ADamagedArchiveLeavesNoStoreAndIsNamed) {
  WriteArchive(archive_);
  fs::resize_file(archive_, fs::file_size(archive_) / 2);
  const absl::Status status = RestoreStore(archive_, data_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr(archive_));
  EXPECT_FALSE(fs::exists(StoreDirectory(data_)));
  EXPECT_FALSE(fs::exists(StoreDirectory(data_) + ".restoring"));
}

TEST_F(RestoreTest, SumsBesideTheFilesAreChecked) {
  std::ofstream(backup_ + "/SHA256SUMS") << std::string(64, '0') << "  CURRENT\n";
  EXPECT_EQ(RestoreStore(backup_, data_).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_FALSE(fs::exists(StoreDirectory(data_)));
}

TEST_F(RestoreTest, ABlockThatIsNotWhatItWasIsFound) {
  for (const fs::directory_entry& file : fs::directory_iterator(backup_)) {
    if (file.path().extension() != ".sst") continue;
    std::fstream(file.path(), std::ios::in | std::ios::out | std::ios::binary).write("xxxx", 4);
  }
  EXPECT_EQ(RestoreStore(backup_, data_).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_FALSE(fs::exists(StoreDirectory(data_)));
}

TEST_F(RestoreTest, WhatIsNoBackupIsSaidToBeNone) {
  const absl::Status status = RestoreStore(scratch_.Path("nothing"), data_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr(scratch_.Path("nothing")));
  EXPECT_FALSE(fs::exists(StoreDirectory(data_)));
}

TEST_F(RestoreTest, CanBeCheckedBeforehand) {
  EXPECT_EQ(CheckRestore(scratch_.Path("nothing"), data_).code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(CheckRestore(backup_, data_).ok());
  EXPECT_FALSE(fs::exists(StoreDirectory(data_)));
  ASSERT_TRUE(RestoreStore(backup_, data_).ok());
  EXPECT_TRUE(CheckRestore(backup_, data_).ok());
  EXPECT_EQ(CheckRestore(scratch_.Path("other"), data_).code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(RestoreTest, ADamagedBackupLeavesNoStore) {
  for (const fs::directory_entry& file : fs::directory_iterator(backup_)) {
    if (file.path().extension() == ".sst") fs::remove(file.path());
  }
  EXPECT_FALSE(RestoreStore(backup_, data_).ok());
  EXPECT_FALSE(fs::exists(StoreDirectory(data_)));
  EXPECT_FALSE(fs::exists(StoreDirectory(data_) + ".restoring"));
}

TEST_F(RestoreTest, ARestoreThatWasInterruptedIsDoneAnew) {
  fs::create_directories(StoreDirectory(data_) + ".restoring");
  std::ofstream(StoreDirectory(data_) + ".restoring/CURRENT") << "half";
  ASSERT_TRUE(RestoreStore(backup_, data_).ok());
  EXPECT_EQ(ValueIn(), "1");
}

}  // namespace
}  // namespace livecounter::counter::embedded
