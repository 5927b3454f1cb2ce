#include "services/counter/backup_archive.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/counter/embedded/scratch_directory.h"

namespace livecounter::counter {
namespace {

namespace fs = std::filesystem;
using embedded::ScratchDirectory;
using ::testing::HasSubstr;

using Files = std::map<std::string, std::string>;

class BackupArchiveTest : public ::testing::Test {
 protected:
  std::string Make(const std::string& name, const Files& files) {
    fs::create_directories(scratch_.Path(name));
    for (const auto& [file, content] : files) {
      std::ofstream(scratch_.Path(absl::StrCat(name, "/", file)), std::ios::binary) << content;
    }
    return scratch_.Path(name);
  }
  static Files FilesIn(const std::string& directory) {
    Files files;
    for (const fs::directory_entry& file : fs::directory_iterator(directory)) {
      std::ostringstream content;
      content << std::ifstream(file.path(), std::ios::binary).rdbuf();
      files[file.path().filename().string()] = content.str();
    }
    return files;
  }
  std::string ArchiveOf(const Files& files, size_t most = 1000) {
    auto archive = BackupArchive::Of(Make("from", files), absl::FromUnixSeconds(1'000'000));
    EXPECT_TRUE(archive.ok()) << archive.status();
    std::string all;
    while (true) {
      const absl::StatusOr<std::string> piece = archive->Read(most);
      EXPECT_TRUE(piece.ok()) << piece.status();
      EXPECT_LE(piece->size(), most);
      if (piece->empty()) break;
      all += *piece;
    }
    EXPECT_EQ(static_cast<int64_t>(all.size()), archive->size());
    return all;
  }
  // Into a directory that was not there.
  absl::Status Unpack(const std::string& archive) {
    fs::remove_all(into_);
    std::istringstream bytes(archive);
    return UnpackBackup(bytes, into_);
  }

  ScratchDirectory scratch_;
  const std::string into_ = scratch_.Path("into");
  const Files files_ = {{"CURRENT", "MANIFEST-000004\n"},
                        {"000007.sst", std::string(70'000, 's')},
                        {"000008.log", ""},
                        {"block", std::string(512, 'b')}};
};

TEST_F(BackupArchiveTest, WhatIsUnpackedIsWhatWasPacked) {
  for (const size_t most : {1, 511, 512, 100'000}) {
    ASSERT_TRUE(Unpack(ArchiveOf(files_, most)).ok()) << most;
    EXPECT_EQ(FilesIn(into_), files_);
  }
}

TEST_F(BackupArchiveTest, OfNoFilesIsOneToo) {
  ASSERT_TRUE(Unpack(ArchiveOf({})).ok());
  EXPECT_EQ(FilesIn(into_), Files());
}

TEST_F(BackupArchiveTest, CutOffAnywhereItIsRefused) {
  const std::string archive = ArchiveOf({{"a", "1"}, {"b", std::string(600, '2')}});
  for (size_t size = 0; size < archive.size(); size += 97) {
    const absl::Status status = Unpack(archive.substr(0, size));
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << size;
  }
  EXPECT_EQ(Unpack(archive.substr(0, archive.size() - 1)).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Unpack(absl::StrCat(archive, "x")).code(), absl::StatusCode::kDataLoss);
}

TEST_F(BackupArchiveTest, ChangedAnywhereItIsRefused) {
  const std::string archive = ArchiveOf({{"a", "1"}, {"b", std::string(600, '2')}});
  for (size_t at = 0; at < archive.size(); at += 53) {
    std::string changed = archive;
    changed[at] = static_cast<char>(changed[at] ^ 0x10);
    EXPECT_EQ(Unpack(changed).code(), absl::StatusCode::kDataLoss) << at;
  }
}

TEST_F(BackupArchiveTest, AChangedFileIsNamed) {
  std::string archive = ArchiveOf(files_);
  archive[archive.find("ssss") + 100] = 't';
  const absl::Status status = Unpack(archive);
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("000007.sst is not what it was"));
}

TEST_F(BackupArchiveTest, AFileThatIsThereTwiceIsRefused) {
  const std::string one = ArchiveOf({{"a", "1"}});
  const std::string entry = one.substr(0, 1024);
  EXPECT_EQ(Unpack(absl::StrCat(entry, one)).code(), absl::StatusCode::kDataLoss);
}

TEST_F(BackupArchiveTest, ItIsKnownByItsBeginning) {
  const auto write = [&](const std::string& name, const std::string& content) {
    return absl::StrCat(Make("files", {{name, content}}), "/", name);
  };
  EXPECT_TRUE(IsBackupArchive(write("archive", ArchiveOf(files_))));
  EXPECT_FALSE(IsBackupArchive(write("text", std::string(2000, 'x'))));
  EXPECT_FALSE(IsBackupArchive(write("nothing", "")));
  EXPECT_FALSE(IsBackupArchive(scratch_.Path("nowhere")));
  EXPECT_FALSE(IsBackupArchive(scratch_.path()));
}

TEST_F(BackupArchiveTest, AFileThatShrinksMeanwhileIsTold) {
  const std::string directory = Make("from", {{"a", std::string(2000, '1')}});
  auto archive = BackupArchive::Of(directory, absl::UnixEpoch());
  Make("from", {{"a", "1"}});
  absl::StatusOr<std::string> piece = archive->Read(512);
  while (piece.ok() && !piece->empty()) piece = archive->Read(512);
  EXPECT_EQ(piece.status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(BackupArchiveTest, WhatCannotBeReadIsNamed) {
  const absl::Status status = BackupArchive::Of(scratch_.Path("no"), absl::UnixEpoch()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr(scratch_.Path("no")));
}

}  // namespace
}  // namespace livecounter::counter
