#include "services/counter/embedded/store.h"

#include <fcntl.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rocksdb/db.h"
#include "services/counter/embedded/encoding.h"
#include "services/counter/embedded/faulty_disk.h"
#include "services/counter/embedded/scratch_directory.h"

namespace livecounter::counter::embedded {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr size_t kNoLimit = 1000;

// A store as releases of other times may have left it: RocksDB itself, with whatever families there are.
class RawStore {
 public:
  explicit RawStore(const std::string& path) {
    rocksdb::Options options;
    options.create_if_missing = true;
    std::vector<std::string> names;
    rocksdb::DB::ListColumnFamilies(options, path, &names).PermitUncheckedError();
    if (names.empty()) names.push_back(rocksdb::kDefaultColumnFamilyName);
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const std::string& name : names) families.emplace_back(name, options);
    rocksdb::DB* db = nullptr;
    EXPECT_TRUE(rocksdb::DB::Open(options, path, families, &handles_, &db).ok());
    db_.reset(db);
  }
  ~RawStore() {
    for (rocksdb::ColumnFamilyHandle* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
  }
  RawStore(const RawStore&) = delete;
  RawStore& operator=(const RawStore&) = delete;

  void AddFamily(const std::string& name, const std::string& key, const std::string& value) {
    rocksdb::ColumnFamilyHandle* handle = nullptr;
    EXPECT_TRUE(db_->CreateColumnFamily(rocksdb::ColumnFamilyOptions(), name, &handle).ok());
    handles_.push_back(handle);
    Put(name, key, value);
  }
  void Put(const std::string& family, const std::string& key, const std::string& value) {
    EXPECT_TRUE(db_->Put(rocksdb::WriteOptions(), Handle(family), key, value).ok());
  }
  std::string Get(const std::string& family, const std::string& key) {
    std::string value;
    const rocksdb::Status status = db_->Get(rocksdb::ReadOptions(), Handle(family), key, &value);
    return status.ok() ? value : status.ToString();
  }

 private:
  rocksdb::ColumnFamilyHandle* Handle(const std::string& family) {
    for (rocksdb::ColumnFamilyHandle* handle : handles_) {
      if (handle->GetName() == family) return handle;
    }
    return nullptr;
  }

  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
};

class StoreTest : public ::testing::Test {
 protected:
  std::unique_ptr<Store> Open() {
    auto store = Store::Open(Options());
    EXPECT_TRUE(store.ok()) << store.status();
    return store.ok() ? *std::move(store) : nullptr;
  }
  StoreOptions Options() {
    return {.directory = scratch_.Path("store"), .room_bytes = size_t{1} << 20, .env = disk_.env()};
  }
  static absl::Status Put(Store& store, const std::string& key, const std::string& value) {
    return store.Commit({{Family::kCounters, key, value}}, /*sync=*/true);
  }
  static std::string Get(const Store& store, const std::string& key) {
    const auto value = store.Get(Family::kCounters, key);
    if (!value.ok()) return value.status().ToString();
    return *value ? **value : "(none)";
  }

  ScratchDirectory scratch_;
  FaultyDisk disk_;
};

TEST_F(StoreTest, WhatIsCommittedCanBeReadAndSurvivesTheEnd) {
  auto store = Open();
  EXPECT_EQ(Get(*store, "a"), "(none)");
  ASSERT_TRUE(
      store->Commit({{Family::kCounters, "a", "1"}, {Family::kSessions, "a", "2"}}, true).ok());
  EXPECT_EQ(Get(*store, "a"), "1");
  store.reset();
  store = Open();
  EXPECT_EQ(Get(*store, "a"), "1");
  EXPECT_EQ(**store->Get(Family::kSessions, "a"), "2");
  ASSERT_TRUE(store->Commit({{Family::kCounters, "a", absl::nullopt}}, true).ok());
  EXPECT_EQ(Get(*store, "a"), "(none)");
}

TEST_F(StoreTest, ScanGivesOneFamilysRecordsInOrderUnderAPrefixFromAKey) {
  auto store = Open();
  for (const char* key : {"a1", "b3", "b1", "b2", "c1"}) ASSERT_TRUE(Put(*store, key, "v").ok());
  const auto keys = [&](const std::string& prefix, const std::string& from, size_t limit) {
    const auto records = store->Scan(Family::kCounters, prefix, from, limit);
    std::vector<std::string> keys;
    for (const StoreEntry& record : *records) keys.push_back(record.key);
    return keys;
  };
  EXPECT_THAT(keys("", "", kNoLimit), ElementsAre("a1", "b1", "b2", "b3", "c1"));
  EXPECT_THAT(keys("b", "", kNoLimit), ElementsAre("b1", "b2", "b3"));
  EXPECT_THAT(keys("b", "b2", kNoLimit), ElementsAre("b2", "b3"));
  EXPECT_THAT(keys("b", "", 2), ElementsAre("b1", "b2"));
  EXPECT_THAT(keys("d", "", kNoLimit), ElementsAre());
  EXPECT_TRUE(store->Scan(Family::kSessions, "", "", kNoLimit)->empty());
}

TEST_F(StoreTest, ASecondOpenIsToldWhoseDirectoryItIs) {
  auto store = Open();
  const absl::Status second = Store::Open(Options()).status();
  EXPECT_EQ(second.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(second.message()),
              AllOf(HasSubstr(scratch_.Path("store")), HasSubstr("in use by another process")));
}

TEST_F(StoreTest, AFormatOfANewerReleaseIsRefusedAndTheStoreLeftAlone) {
  auto store = Open();
  ASSERT_TRUE(Put(*store, "a", "1").ok());
  ASSERT_TRUE(store->Commit({{Family::kMeta, "format", EncodeNumber(2)}}, true).ok());
  store.reset();
  RawStore(scratch_.Path("store")).AddFamily("tomorrow", "key", "value");
  const absl::Status status = Store::Open(Options()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr(scratch_.Path("store")), HasSubstr("format 2, of a newer release"),
                    HasSubstr("formats up to 1"), HasSubstr("--restore_from")));
  EXPECT_EQ(RawStore(scratch_.Path("store")).Get("tomorrow", "key"), "value");
  EXPECT_EQ(RawStore(scratch_.Path("store")).Get("counters", "a"), "1");
}

TEST_F(StoreTest, AStoreOfAnOlderReleaseGetsTheFamiliesThatItLacks) {
  {
    RawStore older(scratch_.Path("store"));
    older.Put(rocksdb::kDefaultColumnFamilyName, "format", EncodeNumber(1));
    older.AddFamily("counters", "a", "1");
    older.AddFamily("sessions", "s", "");
  }
  auto store = Open();
  ASSERT_NE(store, nullptr);
  EXPECT_EQ(Get(*store, "a"), "1");
  EXPECT_EQ(**store->Get(Family::kSessions, "s"), "");
  ASSERT_TRUE(store->Commit({{Family::kHistories, "h", "2"}}, /*sync=*/true).ok());
  store.reset();
  store = Open();
  EXPECT_EQ(**store->Get(Family::kHistories, "h"), "2");
}

TEST_F(StoreTest, AFamilyOfANewerReleaseIsKeptOverADowngrade) {
  Open();
  RawStore(scratch_.Path("store")).AddFamily("tomorrow", "key", "value");
  auto store = Open();
  ASSERT_NE(store, nullptr);
  ASSERT_TRUE(Put(*store, "a", "1").ok());
  disk_.Fail(DiskFault::kFull);
  ASSERT_FALSE(Put(*store, "a", "2").ok());
  disk_.Heal();
  ASSERT_TRUE(store->Repair().ok());
  ASSERT_TRUE(store->CopyTo(scratch_.Path("backup")).ok());
  store.reset();
  for (const char* place : {"store", "backup"}) {
    RawStore newer(scratch_.Path(place));
    EXPECT_EQ(newer.Get("tomorrow", "key"), "value") << place;
    EXPECT_EQ(newer.Get("counters", "a"), "1") << place;
  }
}

TEST_F(StoreTest, ChecksumsTellWhetherEveryBlockIsWhatItWas) {
  const std::string backup = scratch_.Path("backup");
  auto store = Open();
  ASSERT_TRUE(Put(*store, "a", "easily found").ok());
  ASSERT_TRUE(store->CopyTo(backup).ok());
  EXPECT_TRUE(store->VerifyChecksums().ok());
  store.reset();
  int damages = 0;
  for (const auto& file : std::filesystem::directory_iterator(backup)) {
    std::ostringstream content;
    content << std::ifstream(file.path(), std::ios::binary).rdbuf();
    const size_t at = content.str().find("easily found");
    if (at == std::string::npos) continue;
    std::fstream stream(file.path(), std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(static_cast<std::streamoff>(at)).write("hardly", 6);
    ++damages;
  }
  EXPECT_EQ(damages, 1);
  const auto damaged = Store::Open({.directory = backup});
  ASSERT_TRUE(damaged.ok()) << damaged.status();
  EXPECT_EQ((*damaged)->VerifyChecksums().code(), absl::StatusCode::kDataLoss);
}

TEST_F(StoreTest, ADirectoryThatCannotBeMadeIsNamed) {
  const std::string file = scratch_.Path("store");
  close(creat(file.c_str(), 0600));
  const absl::Status status = Store::Open(Options()).status();
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(std::string(status.message()), HasSubstr(file));
}

TEST_F(StoreTest, AFullDiskRefusesWritesSaysSoAndIsReadOn) {
  auto store = Open();
  ASSERT_TRUE(Put(*store, "a", "1").ok());
  disk_.Fail(DiskFault::kFull);
  const absl::Status refused = Put(*store, "a", "2");
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(refused.message()),
              AllOf(HasSubstr("disk is full"), HasSubstr(scratch_.Path("store"))));
  EXPECT_TRUE(store->needs_repair());
  EXPECT_EQ(Get(*store, "a"), "1");
  EXPECT_EQ(store->Repair().code(), absl::StatusCode::kUnavailable);
  EXPECT_FALSE(Put(*store, "a", "3").ok());
  EXPECT_EQ(Get(*store, "a"), "1");
}

TEST_F(StoreTest, RepairMakesItWriteAgainOnceThereIsRoom) {
  auto store = Open();
  ASSERT_TRUE(Put(*store, "a", "1").ok());
  disk_.Fail(DiskFault::kFull);
  ASSERT_FALSE(Put(*store, "a", "2").ok());
  disk_.Heal();
  EXPECT_FALSE(Put(*store, "a", "3").ok()) << "writes wait for the repair";
  ASSERT_TRUE(store->Repair().ok());
  EXPECT_FALSE(store->needs_repair());
  EXPECT_EQ(Get(*store, "a"), "1") << "what was refused is not there";
  EXPECT_TRUE(Put(*store, "b", "4").ok());
  store.reset();
  store = Open();
  EXPECT_EQ(Get(*store, "a"), "1");
  EXPECT_EQ(Get(*store, "b"), "4");
}

TEST_F(StoreTest, ATornWriteIsNotThereAfterTheRepair) {
  auto store = Open();
  ASSERT_TRUE(Put(*store, "a", "1").ok());
  disk_.Fail(DiskFault::kTorn);
  ASSERT_FALSE(Put(*store, "a", std::string(100, '2')).ok());
  disk_.Heal();
  ASSERT_TRUE(store->Repair().ok());
  EXPECT_EQ(Get(*store, "a"), "1");
  EXPECT_TRUE(Put(*store, "b", "3").ok());
}

// The one case in which a refused write may be there: documented at Commit().
TEST_F(StoreTest, AWriteThatWasTakenButNotConfirmedTurnsUpWholeOrNotAtAll) {
  auto store = Open();
  ASSERT_TRUE(
      store->Commit({{Family::kCounters, "a", "1"}, {Family::kCounters, "b", "1"}}, true).ok());
  disk_.Fail(DiskFault::kSyncFails);
  ASSERT_FALSE(
      store->Commit({{Family::kCounters, "a", "2"}, {Family::kCounters, "b", "2"}}, true).ok());
  EXPECT_EQ(Get(*store, "a"), "1") << "not to be read while nobody knows";
  disk_.Heal();
  ASSERT_TRUE(store->Repair().ok());
  EXPECT_EQ(Get(*store, "a"), Get(*store, "b"));
}

TEST_F(StoreTest, ABrokenDiskIsGotOverLikeAFullOne) {
  auto store = Open();
  ASSERT_TRUE(Put(*store, "a", "1").ok());
  disk_.Fail(DiskFault::kBroken);
  const absl::Status refused = Put(*store, "a", "2");
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("check it"));
  EXPECT_EQ(Get(*store, "a"), "1");
  disk_.Heal();
  ASSERT_TRUE(store->Repair().ok());
  EXPECT_TRUE(Put(*store, "a", "3").ok());
}

TEST_F(StoreTest, ADiskThatFillsUpDuringTheRepairIsStillRead) {
  auto store = Open();
  ASSERT_TRUE(Put(*store, "a", "1").ok());
  disk_.Fail(DiskFault::kFull);
  ASSERT_FALSE(Put(*store, "a", "2").ok());
  // Room is found: made, one megabyte, synced, deleted. Then there is none.
  disk_.Fail(DiskFault::kFull, /*after=*/4);
  EXPECT_FALSE(store->Repair().ok());
  EXPECT_EQ(Get(*store, "a"), "1");
  EXPECT_TRUE(store->needs_repair());
  disk_.Heal();
  EXPECT_TRUE(store->Repair().ok());
  EXPECT_TRUE(Put(*store, "a", "3").ok());
}

// Each single write of the disk fails once, in every way: nothing that was acknowledged is lost, and
// RocksDB never takes the process down.
TEST_F(StoreTest, WhicheverWriteFailsNothingAcknowledgedIsLost) {
  for (const DiskFault fault :
       {DiskFault::kFull, DiskFault::kTorn, DiskFault::kSyncFails, DiskFault::kBroken}) {
    auto store = Open();
    ASSERT_NE(store, nullptr);
    int acknowledged = 0;
    const auto put = [&] {
      const bool done = Put(*store, std::to_string(acknowledged), "v").ok();
      if (done) ++acknowledged;
      return done;
    };
    for (int64_t after = 0; after < 24; ++after) {
      disk_.Fail(fault, after);
      while (put()) {
        if (!put()) break;
        store->CopyTo(scratch_.Path("copy")).IgnoreError();  // writes files of other kinds too
        std::filesystem::remove_all(scratch_.Path("copy"));
      }
      disk_.Heal();
      ASSERT_TRUE(store->Repair().ok());
      ASSERT_TRUE(put());
    }
    store.reset();
    store = Open();
    for (int i = 0; i < acknowledged; ++i) ASSERT_EQ(Get(*store, std::to_string(i)), "v");
    store.reset();
    std::filesystem::remove_all(scratch_.Path("store"));
  }
}

TEST_F(StoreTest, WithSyncAPowerCutLosesNothing) {
  auto store = Open();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(Put(*store, std::to_string(i), "v").ok());
  disk_.CutPower();
  store.reset();
  disk_.RestorePower();
  store = Open();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Get(*store, std::to_string(i)), "v");
}

TEST_F(StoreTest, WithoutSyncAPowerCutLosesTheEndAndNothingBeforeIt) {
  auto store = Open();
  ASSERT_TRUE(Put(*store, "synced", "v").ok());
  ASSERT_TRUE(store->Commit({{Family::kCounters, "unsynced", "v"}}, /*sync=*/false).ok());
  disk_.CutPower();
  store.reset();
  disk_.RestorePower();
  store = Open();
  EXPECT_EQ(Get(*store, "synced"), "v");
  EXPECT_EQ(Get(*store, "unsynced"), "(none)");
}

TEST_F(StoreTest, AnOrderlyEndSyncsWhatWasNot) {
  auto store = Open();
  ASSERT_TRUE(store->Commit({{Family::kCounters, "unsynced", "v"}}, /*sync=*/false).ok());
  store.reset();
  disk_.CutPower();
  disk_.RestorePower();
  store = Open();
  EXPECT_EQ(Get(*store, "unsynced"), "v");
}

TEST_F(StoreTest, ACopyHoldsWhatWasCommittedAndNothingLater) {
  auto store = Open();
  ASSERT_TRUE(Put(*store, "a", "1").ok());
  ASSERT_TRUE(store->CopyTo(scratch_.Path("copy")).ok());
  ASSERT_TRUE(Put(*store, "a", "2").ok());
  const auto copy = Store::Open({.directory = scratch_.Path("copy")});
  ASSERT_TRUE(copy.ok()) << copy.status();
  EXPECT_EQ(Get(**copy, "a"), "1");
  EXPECT_EQ(Get(*store, "a"), "2");
}

TEST_F(StoreTest, ACopyIsNotMadeOverAnything) {
  auto store = Open();
  const absl::Status status = store->CopyTo(scratch_.path());
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(std::string(status.message()), HasSubstr(scratch_.path()));
  EXPECT_FALSE(store->CopyTo(scratch_.Path("no/such/parent")).ok());
}

}  // namespace
}  // namespace livecounter::counter::embedded
