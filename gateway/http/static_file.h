// A file that is served again and again, from memory: as it is, and as gzip for those who take it.

#ifndef LIVECOUNTER_GATEWAY_HTTP_STATIC_FILE_H_
#define LIVECOUNTER_GATEWAY_HTTP_STATIC_FILE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "gateway/transport.h"

namespace livecounter::gateway {

// Immutable; any thread.
class StaticFile {
 public:
  // What the views show outlives the file.
  StaticFile(absl::string_view content_type, absl::string_view content);

  // What a GET or HEAD of it is answered, or 304 who has it already. How long it may be kept, and by whom it
  // may be read, is the caller's to add.
  Response Serve(const Request& request) const;

 private:
  const absl::string_view content_type_;
  const absl::string_view content_;
  const std::string etag_;
  absl::optional<std::string> zipped_;  // where that is smaller
  std::string zipped_etag_;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_HTTP_STATIC_FILE_H_
