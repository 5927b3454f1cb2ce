// A file that is there as a whole or not at all: it is written beside its name, and takes it when it is
// complete and on the disk. Readable by its owner only. Used by one thread.

#ifndef LIVECOUNTER_CLI_NEW_FILE_H_
#define LIVECOUNTER_CLI_NEW_FILE_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace livecounter::cli {

class NewFile {
 public:
  // ALREADY_EXISTS where there is something at `path`, which stays as it is; else the folder's error.
  static absl::StatusOr<std::unique_ptr<NewFile>> Create(const std::string& path);
  // Removes what was written, unless Commit() went well.
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  absl::Status Write(absl::string_view bytes);
  // Gives it its name. ALREADY_EXISTS where somebody else was quicker. Nothing more can be written.
  absl::Status Commit();

 private:
  NewFile(std::string path, std::string temporary, int fd);

  absl::Status Failed(absl::string_view doing) const;

  const std::string path_;
  const std::string temporary_;
  const int fd_;
};

}  // namespace livecounter::cli

#endif  // LIVECOUNTER_CLI_NEW_FILE_H_
