#include "cli/new_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"

namespace livecounter::cli {
namespace {

absl::Status ErrorOf(absl::string_view doing, const std::string& path, int error) {
  const std::string message =
      absl::StrCat("cannot ", doing, " ", path, ": ", std::generic_category().message(error));
  if (error == EEXIST) {
    return absl::AlreadyExistsError(absl::StrCat(message, "; nothing is ever written over"));
  }
  return absl::UnavailableError(message);
}

}  // namespace

absl::StatusOr<std::unique_ptr<NewFile>> NewFile::Create(const std::string& path) {
  struct stat found = {};
  if (lstat(path.c_str(), &found) == 0) return ErrorOf("write", path, EEXIST);
  std::string temporary = absl::StrCat(path, ".XXXXXX");
  const int fd = mkostemp(temporary.data(), O_CLOEXEC);  // mode 0600
  if (fd < 0) return ErrorOf("write", path, errno);
  return std::unique_ptr<NewFile>(new NewFile(path, std::move(temporary), fd));
}

NewFile::NewFile(std::string path, std::string temporary, int fd)
    : path_(std::move(path)), temporary_(std::move(temporary)), fd_(fd) {}

NewFile::~NewFile() {
  close(fd_);
  unlink(temporary_.c_str());
}

absl::Status NewFile::Write(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Failed("write");
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status NewFile::Commit() {
  if (fsync(fd_) != 0) return Failed("write");
  // link(), unlike rename(), replaces nothing.
  if (link(temporary_.c_str(), path_.c_str()) != 0) return Failed("make");
  return absl::OkStatus();
}

absl::Status NewFile::Failed(absl::string_view doing) const { return ErrorOf(doing, path_, errno); }

}  // namespace livecounter::cli
