#include "gateway/upstream/usage_journal.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "services/runtime/files.h"

namespace livecounter::gateway {
namespace {

absl::Status CannotUse(const std::string& directory, absl::string_view why) {
  return absl::FailedPreconditionError(
      absl::StrCat("the directory ", directory, " cannot be used: ", why));
}

}  // namespace

absl::Status UsageJournal::Check(const std::string& directory) {
  const absl::Status usable = runtime::CheckDirectory(directory);
  return usable.ok() ? usable : CannotUse(directory, usable.message());
}

absl::StatusOr<std::unique_ptr<UsageJournal>> UsageJournal::Open(
    const std::string& directory, const observability::Logger& logger) {
  if (absl::Status status = Check(directory); !status.ok()) return status;
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return CannotUse(directory, error.message());
  const int lock = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (lock < 0) return CannotUse(directory, std::generic_category().message(errno));
  // Not make_unique: the constructor is private.
  std::unique_ptr<UsageJournal> journal(
      new UsageJournal(lock, absl::StrCat(directory, "/usage-journal")));
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    return CannotUse(directory, "another process uses it; each gateway takes one of its own");
  }
  if (absl::Status read = journal->Read(logger); !read.ok()) return read;
  return journal;
}

UsageJournal::~UsageJournal() { close(lock_); }

absl::Status UsageJournal::Read(const observability::Logger& logger) {
  std::error_code none;
  const size_t size = std::filesystem::file_size(path_, none);
  const absl::StatusOr<std::string> text =
      runtime::ReadSmallFile(path_, none ? 0 : std::min(size, kMaxUsageJournalBytes));
  if (absl::IsNotFound(text.status())) return absl::OkStatus();
  if (absl::IsInvalidArgument(text.status())) return SetAside(text.status(), logger);
  if (!text.ok()) return text.status();
  absl::StatusOr<UsageBacklog> backlog = DecodeUsageJournal(*text);
  if (!backlog.ok()) return SetAside(backlog.status(), logger);
  found_ = *std::move(backlog);
  return absl::OkStatus();
}

absl::Status UsageJournal::SetAside(const absl::Status& why,
                                    const observability::Logger& logger) const {
  const std::string aside = absl::StrCat(path_, ".unreadable");
  if (rename(path_.c_str(), aside.c_str()) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(path_, " is no journal of usage, and cannot be renamed: ",
                     std::generic_category().message(errno)));
  }
  logger.Error("usage_journal_unreadable", {{"file", aside}, {"reason", why}});
  return absl::OkStatus();
}

absl::Status UsageJournal::Apply(const UsageJournalStep& step) {
  if (!step.content) return runtime::RemoveFile(path_);
  const std::string text = EncodeUsageJournal(*step.content);
  if (text.size() > kMaxUsageJournalBytes) {
    return absl::ResourceExhaustedError(absl::StrCat("a journal of usage of ", text.size(),
                                                     " bytes; it takes ", kMaxUsageJournalBytes));
  }
  return runtime::ReplacePrivateFile(path_, text);
}

}  // namespace livecounter::gateway
