#include "services/counter/embedded/restore.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "services/counter/backup_archive.h"
#include "services/counter/embedded/store.h"
#include "services/runtime/files.h"

namespace livecounter::counter::embedded {
namespace {

namespace fs = std::filesystem;

// What every RocksDB database has, and says which state is the current one.
constexpr char kCurrentFile[] = "CURRENT";
// In a store that was restored: the path of its backup. RocksDB leaves files alone that it does not know.
constexpr char kOriginFile[] = "RESTORED_FROM";
constexpr size_t kMaxSumsBytes = size_t{16} << 20;
constexpr size_t kMaxPathBytes = 4096;

absl::Status Failed(absl::string_view doing, const fs::path& path, const std::error_code& error) {
  return absl::UnavailableError(
      absl::StrCat("could not ", doing, " ", path.string(), ": ", error.message()));
}

absl::Status SyncDirectory(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = fd >= 0 && ::fsync(fd) == 0;
  const std::error_code error(errno, std::generic_category());
  if (fd >= 0) ::close(fd);
  return synced ? absl::OkStatus() : Failed("sync", path, error);
}

// As it is written down: wherever the program is started.
std::string AbsolutePath(const std::string& path) {
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error);
  return (error ? fs::path(path) : absolute).lexically_normal().string();
}

// The backup that a store was made from; "" where none is known.
std::string OriginOf(const fs::path& store) {
  return runtime::ReadSmallFile((store / kOriginFile).string(), kMaxPathBytes).value_or("");
}

absl::Status CheckBackup(const fs::path& backup) {
  std::error_code error;
  if (fs::exists(backup / kCurrentFile, error) || IsBackupArchive(backup.string())) {
    return absl::OkStatus();
  }
  return absl::NotFoundError(
      absl::StrCat("there is no backup in ", backup.string(), ": it is no file that ",
                   "`livecounterctl backup` wrote, and no directory with a file ", kCurrentFile,
                   "; name the file or the directory that the backup was written to"));
}

// A store that is there is never replaced.
absl::Status CheckOrigin(const std::string& backup, const fs::path& store) {
  const std::string origin = OriginOf(store);
  if (origin == AbsolutePath(backup)) return absl::OkStatus();
  if (origin.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat(store.string(),
                     " holds a store already; a backup is restored where there is none: move it ",
                     "away first, or start without --restore_from"));
  }
  return absl::FailedPreconditionError(absl::StrCat(
      store.string(), " was restored from ", origin, ", and --restore_from names ",
      AbsolutePath(backup), ": to go on with what is there, leave --restore_from as ",
      "it was, or out; to restore the other one, move ", store.string(), " away first"));
}

absl::Status CopyDirectory(const fs::path& from, const std::string& to) {
  absl::StatusOr<BackupReceiver> receiver = BackupReceiver::Into(to);
  if (!receiver.ok()) return receiver.status();
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator at(from, error), end; !error && at != end; at.increment(error)) {
    const fs::path name = at->path().filename();
    if (name != kOriginFile && name != kSumsFile) files.push_back(at->path());
  }
  if (error) return Failed("read the directory", from, error);
  for (const fs::path& path : files) {
    std::ifstream file(path, std::ios::binary);
    if (!file.is_open()) return Failed("read", path, {errno, std::generic_category()});
    absl::Status received = receiver->Receive(path.filename().string(), file, /*size=*/-1);
    if (!received.ok()) return received;
  }
  // There where an archive was unpacked by hand.
  const auto sums = runtime::ReadSmallFile((from / kSumsFile).string(), kMaxSumsBytes);
  if (sums.ok()) {
    if (absl::Status checked = receiver->Check(*sums); !checked.ok()) return checked;
  }
  return receiver->Sync();
}

absl::Status CopyBackup(const fs::path& backup, const std::string& to) {
  std::error_code error;
  if (fs::is_directory(backup, error)) return CopyDirectory(backup, to);
  std::ifstream archive(backup, std::ios::binary);
  return UnpackBackup(archive, to);
}

// It can be opened, and every block of it read.
absl::Status CheckStore(const std::string& directory) {
  const auto store = Store::Open({.directory = directory});
  return store.ok() ? (*store)->VerifyChecksums() : store.status();
}

}  // namespace

std::string StoreDirectory(const std::string& data_directory) {
  return (fs::path(data_directory) / "store").string();
}

absl::Status CheckRestore(const std::string& backup, const std::string& data_directory) {
  const fs::path store = StoreDirectory(data_directory);
  std::error_code error;
  return fs::exists(store, error) ? CheckOrigin(backup, store) : CheckBackup(backup);
}

absl::StatusOr<Restored> RestoreStore(const std::string& backup,
                                      const std::string& data_directory) {
  const fs::path store = StoreDirectory(data_directory);
  if (absl::Status status = CheckRestore(backup, data_directory); !status.ok()) return status;
  std::error_code error;
  if (fs::exists(store, error)) return Restored::kBefore;

  const fs::path half_done = store.string() + ".restoring";
  std::error_code ignored;
  const auto remove = [&] { fs::remove_all(half_done, ignored); };
  remove();  // of an earlier try that was interrupted
  const absl::Cleanup clean_up = remove;
  absl::Status status = CopyBackup(backup, half_done.string());
  if (status.ok()) status = CheckStore(half_done.string());
  if (!status.ok()) {
    return absl::Status(status.code(), absl::StrCat("the backup in ", backup,
                                                    " cannot be restored: ", status.message()));
  }
  status = runtime::CreatePrivateFile((half_done / kOriginFile).string(), AbsolutePath(backup));
  if (!status.ok()) return status;
  fs::rename(half_done, store, error);
  if (error) return Failed("put in its place", store, error);
  if (status = SyncDirectory(data_directory); !status.ok()) return status;
  return Restored::kNow;
}

}  // namespace livecounter::counter::embedded
