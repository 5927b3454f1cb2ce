// Small files whole: tokens, certificates, journals.

#ifndef LIVECOUNTER_SERVICES_RUNTIME_FILES_H_
#define LIVECOUNTER_SERVICES_RUNTIME_FILES_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace livecounter::runtime {

// The bytes of a file. Errors name it: NotFound, PermissionDenied, InvalidArgument if it is not a
// file or holds more than `max_bytes`, else Unavailable.
absl::StatusOr<std::string> ReadSmallFile(const std::string& path, size_t max_bytes);

// Creates a file that only its owner may read (mode 0600), whole or not at all, durable when it
// returns. AlreadyExists if something is there, which stays as it is; the folder must exist.
absl::Status CreatePrivateFile(const std::string& path, absl::string_view content);

// The same where something may be there already: after a kill or a power cut it is what it was, or all
// of `content`. Writes `<path>.new` first, so one call at a time.
absl::Status ReplacePrivateFile(const std::string& path, absl::string_view content);

// Removes a file, if it is there; durable when it returns.
absl::Status RemoveFile(const std::string& path);

// Whether this user may write to `directory`, or make it. FAILED_PRECONDITION names what stands in the way.
absl::Status CheckDirectory(const std::string& directory);

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_FILES_H_
