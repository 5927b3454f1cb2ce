#include "services/counter/embedded/restore.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <system_error>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "services/counter/embedded/store.h"

namespace livecounter::counter::embedded {
namespace {

namespace fs = std::filesystem;

// What every RocksDB database has, and says which state is the current one.
constexpr char kCurrentFile[] = "CURRENT";

absl::Status Failed(absl::string_view doing, const fs::path& path, const std::error_code& error) {
  return absl::UnavailableError(
      absl::StrCat("could not ", doing, " ", path.string(), ": ", error.message()));
}

// What was written to the file, or which files are in the directory, survives a power cut.
absl::Status Sync(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = fd >= 0 && ::fsync(fd) == 0;
  const std::error_code error(errno, std::generic_category());
  if (fd >= 0) ::close(fd);
  return synced ? absl::OkStatus() : Failed("sync", path, error);
}

absl::Status CopyFiles(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::create_directories(to, error);
  if (error) return Failed("make the directory", to, error);
  std::vector<fs::path> files;
  for (fs::directory_iterator at(from, error), end; !error && at != end; at.increment(error)) {
    files.push_back(at->path());
  }
  if (error) return Failed("read the directory", from, error);
  for (const fs::path& file : files) {
    const fs::path copy = to / file.filename();
    fs::copy_file(file, copy, error);
    if (error) return Failed("copy a file of the backup to", copy, error);
    if (absl::Status synced = Sync(copy); !synced.ok()) return synced;
  }
  return Sync(to);
}

}  // namespace

std::string StoreDirectory(const std::string& data_directory) {
  return (fs::path(data_directory) / "store").string();
}

absl::Status CheckRestore(const std::string& backup_directory, const std::string& data_directory) {
  const fs::path backup = backup_directory;
  const fs::path store = StoreDirectory(data_directory);
  std::error_code error;
  if (!fs::exists(backup / kCurrentFile, error)) {
    return absl::NotFoundError(absl::StrCat("there is no backup in ", backup.string(),
                                            ": it has no file ", kCurrentFile,
                                            "; name the directory that the backup was written to"));
  }
  if (fs::exists(store, error)) {
    return absl::FailedPreconditionError(
        absl::StrCat(store.string(), " holds a store already; a backup is restored where there is ",
                     "none: move it away first, or start without --restore_from"));
  }
  return absl::OkStatus();
}

absl::Status RestoreStore(const std::string& backup_directory, const std::string& data_directory) {
  const fs::path store = StoreDirectory(data_directory);
  const fs::path half_done = store.string() + ".restoring";
  if (absl::Status status = CheckRestore(backup_directory, data_directory); !status.ok()) {
    return status;
  }

  std::error_code ignored;
  const auto remove = [&] { fs::remove_all(half_done, ignored); };
  remove();  // of an earlier try that was interrupted
  const absl::Cleanup clean_up = remove;
  if (absl::Status status = CopyFiles(backup_directory, half_done); !status.ok()) return status;
  // It can be read, before it takes the place of the store.
  if (absl::Status opened = Store::Open({.directory = half_done.string()}).status(); !opened.ok()) {
    return absl::Status(opened.code(), absl::StrCat("the backup in ", backup_directory,
                                                    " cannot be restored: ", opened.message()));
  }
  std::error_code error;
  fs::rename(half_done, store, error);
  if (error) return Failed("put in its place", store, error);
  return Sync(data_directory);
}

}  // namespace livecounter::counter::embedded
