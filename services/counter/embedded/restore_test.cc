#include "services/counter/embedded/restore.h"

#include <filesystem>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/counter/embedded/scratch_directory.h"
#include "services/counter/embedded/store.h"

namespace livecounter::counter::embedded {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class RestoreTest : public ::testing::Test {
 protected:
  RestoreTest() {
    const auto store = Store::Open({.directory = scratch_.Path("original")});
    EXPECT_TRUE((*store)->Commit({{Family::kCounters, "a", "1"}}, true).ok());
    EXPECT_TRUE((*store)->CopyTo(backup_).ok());
    fs::create_directories(data_);
  }
  std::string Restored() {
    const auto store = Store::Open({.directory = StoreDirectory(data_)});
    if (!store.ok()) return store.status().ToString();
    const auto value = (*store)->Get(Family::kCounters, "a");
    return *value ? **value : "(none)";
  }

  ScratchDirectory scratch_;
  const std::string backup_ = scratch_.Path("backup");
  const std::string data_ = scratch_.Path("data");
};

TEST_F(RestoreTest, TheStoreIsTheBackups) {
  ASSERT_TRUE(RestoreStore(backup_, data_).ok());
  EXPECT_EQ(Restored(), "1");
  EXPECT_FALSE(fs::exists(StoreDirectory(data_) + ".restoring"));
}

TEST_F(RestoreTest, TheBackupCanBeRestoredAgain) {
  ASSERT_TRUE(RestoreStore(backup_, data_).ok());
  {
    const auto store = Store::Open({.directory = StoreDirectory(data_)});
    ASSERT_TRUE((*store)->Commit({{Family::kCounters, "a", "2"}}, true).ok());
  }
  fs::remove_all(StoreDirectory(data_));
  ASSERT_TRUE(RestoreStore(backup_, data_).ok());
  EXPECT_EQ(Restored(), "1");
}

TEST_F(RestoreTest, AStoreIsNeverReplaced) {
  ASSERT_TRUE(RestoreStore(backup_, data_).ok());
  const absl::Status again = RestoreStore(backup_, data_);
  EXPECT_EQ(again.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(again.message()), HasSubstr(StoreDirectory(data_)));
}

TEST_F(RestoreTest, WhatIsNoBackupIsSaidToBeNone) {
  const absl::Status status = RestoreStore(scratch_.Path("nothing"), data_);
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr(scratch_.Path("nothing")));
  EXPECT_FALSE(fs::exists(StoreDirectory(data_)));
}

TEST_F(RestoreTest, CanBeCheckedBeforehand) {
  EXPECT_EQ(CheckRestore(scratch_.Path("nothing"), data_).code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(CheckRestore(backup_, data_).ok());
  EXPECT_FALSE(fs::exists(StoreDirectory(data_)));
  ASSERT_TRUE(RestoreStore(backup_, data_).ok());
  EXPECT_EQ(CheckRestore(backup_, data_).code(), absl::StatusCode::kFailedPrecondition);
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
  EXPECT_EQ(Restored(), "1");
}

}  // namespace
}  // namespace livecounter::counter::embedded
