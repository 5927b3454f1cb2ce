// A backup as one file: a POSIX tar (ustar) that holds, under `backup/`, the files of a copy that an engine
// made, and last among them SHA256SUMS, which has the sums of the others. `tar xf` unpacks it, and
// `sha256sum -c SHA256SUMS` checks what was unpacked (docs/adr/0015).
//
// One thread at a time uses a reader or a receiver.

#ifndef LIVECOUNTER_SERVICES_COUNTER_BACKUP_ARCHIVE_H_
#define LIVECOUNTER_SERVICES_COUNTER_BACKUP_ARCHIVE_H_

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <istream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/runtime/sha256.h"

namespace livecounter::counter {

// The file with the sums of all others: lines of sha256sum.
inline constexpr char kSumsFile[] = "SHA256SUMS";

// The archive of a directory, read from front to back.
class BackupArchive {
 public:
  // Of the files in `directory`, which stay as they are meanwhile; `time` is theirs in the archive.
  // UNAVAILABLE where they cannot be read.
  static absl::StatusOr<BackupArchive> Of(const std::string& directory, absl::Time time);

  // Of the whole archive.
  int64_t size() const { return size_; }
  // The next bytes, up to `most` ≥ 1; none at the end. UNAVAILABLE where a file cannot be read, or is
  // not what it was.
  absl::StatusOr<std::string> Read(size_t most);

 private:
  struct File {
    std::string name;
    int64_t size = 0;
  };

  BackupArchive(std::string directory, absl::Time time, std::vector<File> files);

  absl::Status Fill(size_t most);
  absl::Status OpenNext();
  absl::Status ReadFile(size_t most);
  void AddWhole(absl::string_view name, absl::string_view content);
  void AddHeader(absl::string_view name, int64_t size);
  void AddPadding(int64_t size);

  const std::string directory_;
  const absl::Time time_;
  const std::vector<File> files_;
  int64_t size_ = 0;

  size_t next_ = 0;     // of files_: the one to open
  std::ifstream file_;  // open: the one before `next_`
  int64_t left_ = 0;    // of it
  runtime::Sha256 sum_;
  std::string sums_;
  std::string ready_;  // to be read
  bool is_complete_ = false;
};

// Files that are written into a directory, synced, with their sums.
class BackupReceiver {
 public:
  // Makes the directory where there is none. UNAVAILABLE.
  static absl::StatusOr<BackupReceiver> Into(const std::string& directory);

  // A file that is not there yet, from what `from` gives: `size` bytes, or all (-1). DATA_LOSS where there
  // are fewer; UNAVAILABLE where it cannot be written.
  absl::Status Receive(const std::string& name, std::istream& from, int64_t size);
  // Whether those are the files that came, no more and no less; DATA_LOSS names one that is not.
  absl::Status Check(absl::string_view sums) const;
  // The files themselves will be found after a power cut.
  absl::Status Sync() const;

 private:
  explicit BackupReceiver(std::string directory) : directory_(std::move(directory)) {}

  std::string directory_;
  std::map<std::string, std::string> sums_;  // by name
};

// Whether it is a file that begins as an archive does.
bool IsBackupArchive(const std::string& path);

// Unpacks what BackupArchive gave into a directory, synced. DATA_LOSS where anything of it is missing or
// changed: what was written so far is of no use then. UNAVAILABLE where it cannot be written.
absl::Status UnpackBackup(std::istream& archive, const std::string& directory);

}  // namespace livecounter::counter

#endif  // LIVECOUNTER_SERVICES_COUNTER_BACKUP_ARCHIVE_H_
