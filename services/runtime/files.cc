#include "services/runtime/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"

namespace livecounter::runtime {
namespace {

absl::Status FileError(absl::string_view what, const std::string& path, int error) {
  const std::string message =
      absl::StrCat("cannot ", what, " ", path, ": ", std::generic_category().message(error));
  switch (error) {
    case ENOENT:
      return absl::NotFoundError(message);
    case EACCES:
    case EPERM:
      return absl::PermissionDeniedError(message);
    case EEXIST:
      return absl::AlreadyExistsError(message);
    case EISDIR:
    case ENOTDIR:
      return absl::InvalidArgumentError(message);
    default:
      return absl::UnavailableError(message);
  }
}

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// All of `content`, synced. False leaves the reason in errno.
bool WriteAndSync(int fd, absl::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content.remove_prefix(static_cast<size_t>(written));
  }
  return fsync(fd) == 0;
}

bool SyncFolder(const std::string& folder) {
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return false;
  const absl::Cleanup closer = [fd] { close(fd); };
  return fsync(fd) == 0;
}

}  // namespace

absl::StatusOr<std::string> ReadSmallFile(const std::string& path, size_t max_bytes) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return FileError("read", path, errno);
  const absl::Cleanup closer = [fd] { close(fd); };
  std::string content(max_bytes + 1, '\0');
  size_t size = 0;
  while (size < content.size()) {
    const ssize_t got = read(fd, &content[size], content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FileError("read", path, errno);
    if (got == 0) break;
    size += static_cast<size_t>(got);
  }
  if (size > max_bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot use ", path, ": it holds more than ", max_bytes, " bytes"));
  }
  content.resize(size);
  return content;
}

absl::Status CreatePrivateFile(const std::string& path, absl::string_view content) {
  // Written beside and then linked to its name: link(), unlike rename(), replaces nothing.
  std::string temporary = absl::StrCat(path, ".XXXXXX");
  const int fd = mkostemp(temporary.data(), O_CLOEXEC);  // mode 0600
  if (fd < 0) return FileError("create", path, errno);
  const absl::Cleanup remover = [&temporary] { unlink(temporary.c_str()); };
  const bool written = WriteAndSync(fd, content);
  const int write_error = errno;
  close(fd);
  if (!written) return FileError("write", path, write_error);
  if (link(temporary.c_str(), path.c_str()) != 0) return FileError("create", path, errno);
  if (!SyncFolder(FolderOf(path))) return FileError("sync the folder of", path, errno);
  return absl::OkStatus();
}

absl::Status ReplacePrivateFile(const std::string& path, absl::string_view content) {
  const std::string temporary = absl::StrCat(path, ".new");
  const int fd =
      open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (fd < 0) return FileError("create", temporary, errno);
  const bool written = WriteAndSync(fd, content);
  const int write_error = errno;
  close(fd);
  if (!written) return FileError("write", temporary, write_error);
  if (rename(temporary.c_str(), path.c_str()) != 0) return FileError("replace", path, errno);
  if (!SyncFolder(FolderOf(path))) return FileError("sync the folder of", path, errno);
  return absl::OkStatus();
}

absl::Status RemoveFile(const std::string& path) {
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return FileError("remove", path, errno);
  if (!SyncFolder(FolderOf(path))) return FileError("sync the folder of", path, errno);
  return absl::OkStatus();
}

absl::Status CheckDirectory(const std::string& directory) {
  std::error_code error;
  std::filesystem::path existing = std::filesystem::absolute(directory, error);
  while (!std::filesystem::exists(existing, error) && existing.has_relative_path()) {
    existing = existing.parent_path();
  }
  const bool usable = std::filesystem::is_directory(existing, error) &&
                      access(existing.c_str(), R_OK | W_OK | X_OK) == 0;
  if (usable) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(existing.string(), " is not a directory that this user may write to"));
}

}  // namespace livecounter::runtime
