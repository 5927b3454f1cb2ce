#include "gateway/sse/event.h"

#include "absl/strings/str_cat.h"

namespace livecounter::gateway {
namespace {

constexpr absl::string_view kExampleComment = ": example data\n";

}  // namespace

std::vector<std::pair<std::string, std::string>> EventStreamHeaders() {
  return {{"cache-control", "no-store"}, {"x-accel-buffering", "no"}};
}

std::string EventStreamOpening(int64_t retry_ms) {
  return absl::StrCat(":", std::string(2048, ' '), "\n", EncodeRetry(retry_ms));
}

std::string EncodeRetry(int64_t retry_ms) { return absl::StrCat("retry: ", retry_ms, "\n\n"); }

std::string EncodeEvent(const Version& version, int64_t value, bool is_example) {
  return absl::StrCat(is_example ? kExampleComment : "", "event: message\nid: ", version.epoch, "-",
                      version.revision, "\ndata: ", value, "\n\n");
}

std::string EncodeEvent(absl::string_view json, bool is_example) {
  return absl::StrCat(is_example ? kExampleComment : "", "event: message\ndata: ", json, "\n\n");
}

Response EventStreamRefusal(int64_t retry_ms) {
  Response response;
  response.headers = EventStreamHeaders();
  response.headers.emplace_back("content-type", "text/event-stream");
  response.body = EncodeRetry(retry_ms);
  return response;
}

}  // namespace livecounter::gateway
