// Small files whole: tokens and certificates.

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

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_FILES_H_
