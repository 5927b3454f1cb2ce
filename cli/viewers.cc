#include "cli/viewers.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "cli/http.h"
#include "cli/text.h"

namespace livecounter::cli {
namespace {

constexpr absl::Duration kBeforeRetry = absl::Milliseconds(200);
constexpr int kPollMs = 100;
constexpr size_t kMaxLine = 4096;  // the padding of a stream's beginning is 2,048

struct FreeMulti {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, FreeList>;

std::string Escaped(const std::string& text) {
  const CurlHandle handle = MakeCurlHandle();
  char* const escaped = curl_easy_escape(handle.get(), text.c_str(), static_cast<int>(text.size()));
  std::string result = escaped;
  curl_free(escaped);
  return result;
}

// One event stream, opened again whenever it ends. It is in the multi handle while it is open.
class Viewer {
 public:
  Viewer(const ViewersOptions& options, int number, CURLM* multi) : multi_(multi) {
    const std::string url =
        absl::StrCat(absl::StripSuffix(options.url, "/"), "/sub?urlId=", Escaped(options.page),
                     "&key=", Escaped(options.key), "&pId=viewer-", number);
    accept_.reset(curl_slist_append(nullptr, "Accept: text/event-stream"));
    curl_easy_setopt(easy_.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy_.get(), CURLOPT_HTTPHEADER, accept_.get());
    curl_easy_setopt(easy_.get(), CURLOPT_ERRORBUFFER, error_.data());
    curl_easy_setopt(easy_.get(), CURLOPT_WRITEFUNCTION, OnBody);
    curl_easy_setopt(easy_.get(), CURLOPT_WRITEDATA, this);
    curl_easy_setopt(easy_.get(), CURLOPT_PRIVATE, this);
    if (!options.connect_to.empty()) {
      connect_to_.reset(curl_slist_append(nullptr, absl::StrCat("::", options.connect_to).c_str()));
      curl_easy_setopt(easy_.get(), CURLOPT_CONNECT_TO, connect_to_.get());
    }
    if (!options.ca_file.empty()) {
      curl_easy_setopt(easy_.get(), CURLOPT_CAINFO, options.ca_file.c_str());
    }
  }
  ~Viewer() {
    if (open_) curl_multi_remove_handle(multi_, easy_.get());
  }
  Viewer(const Viewer&) = delete;
  Viewer& operator=(const Viewer&) = delete;

  // What it was told last; -1 for nothing on this stream.
  int64_t value() const { return value_; }
  const std::string& failure() const { return failure_; }

  void OpenIfDue(absl::Time now) {
    if (open_ || now < retry_at_) return;
    value_ = -1;
    rest_.clear();
    open_ = true;
    curl_multi_add_handle(multi_, easy_.get());
  }

  // libcurl is done with the stream.
  void OnEnd(CURLcode code, absl::Time now) {
    failure_ = EndReason(code);
    curl_multi_remove_handle(multi_, easy_.get());
    open_ = false;
    value_ = -1;
    retry_at_ = now + kBeforeRetry;
  }

 private:
  static size_t OnBody(char* data, size_t size, size_t count, void* self) {
    static_cast<Viewer*>(self)->Take(absl::string_view(data, size * count));
    return size * count;
  }

  long Status() const {  // NOLINT(google-runtime-int): libcurl's
    long status = 0;     // NOLINT(google-runtime-int)
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    return status;
  }

  void Take(absl::string_view bytes) {
    const bool is_stream = Status() == 200;  // else it is the text of a refusal
    for (const char byte : bytes) {
      if (!is_stream || byte != '\n') {
        if (rest_.size() < kMaxLine) rest_.push_back(byte);
        continue;
      }
      TakeLine(rest_);
      rest_.clear();
    }
  }

  void TakeLine(absl::string_view line) {
    int64_t value = 0;
    if (absl::ConsumePrefix(&line, "data:") &&
        absl::SimpleAtoi(absl::StripAsciiWhitespace(line), &value)) {
      value_ = value;
    }
  }

  std::string EndReason(CURLcode code) const {
    if (code != CURLE_OK) return error_[0] != 0 ? error_.data() : curl_easy_strerror(code);
    if (Status() == 200) return "the stream ended";
    return absl::StrCat("status ", Status(), rest_.empty() ? "" : ": ",
                        Printable(absl::StripAsciiWhitespace(rest_)));
  }

  CURLM* const multi_;
  const CurlHandle easy_ = MakeCurlHandle();
  List accept_;
  List connect_to_;
  std::array<char, CURL_ERROR_SIZE> error_ = {};
  std::string rest_;  // of a line
  std::string failure_;
  int64_t value_ = -1;
  bool open_ = false;
  absl::Time retry_at_ = absl::InfinitePast();
};

using Viewers = std::vector<std::unique_ptr<Viewer>>;

void CollectEnded(CURLM* multi, absl::Time now) {
  int left = 0;
  while (const CURLMsg* const message = curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    Viewer* viewer = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &viewer);
    viewer->OnEnd(message->data.result, now);
  }
}

absl::Status Late(const Viewers& viewers, absl::Duration patience) {
  const auto seen = [](std::string* out, const std::unique_ptr<Viewer>& viewer) {
    absl::StrAppend(out, viewer->value() >= 0        ? absl::StrCat(viewer->value())
                         : viewer->failure().empty() ? "nothing"
                                                     : viewer->failure());
  };
  return absl::DeadlineExceededError(absl::StrCat(
      "after ", absl::FormatDuration(patience), " the ", viewers.size(), " viewers do not all see ",
      viewers.size(), ", but: ", absl::StrJoin(viewers, "; ", seen)));
}

}  // namespace

absl::StatusOr<absl::Duration> AwaitAllPresent(const ViewersOptions& options,
                                               runtime::Clock& clock) {
  const std::unique_ptr<CURLM, FreeMulti> multi(curl_multi_init());
  Viewers viewers;
  for (int i = 1; i <= options.viewers; ++i) {
    viewers.push_back(std::make_unique<Viewer>(options, i, multi.get()));
  }
  const auto sees_all = [&](const std::unique_ptr<Viewer>& viewer) {
    return viewer->value() == options.viewers;
  };
  const absl::Time start = clock.Now();
  while (!std::all_of(viewers.begin(), viewers.end(), sees_all)) {
    const absl::Time now = clock.Now();
    if (now - start > options.patience) return Late(viewers, options.patience);
    for (const auto& viewer : viewers) viewer->OpenIfDue(now);
    int running = 0;
    curl_multi_perform(multi.get(), &running);
    CollectEnded(multi.get(), clock.Now());
    curl_multi_poll(multi.get(), nullptr, 0, kPollMs, nullptr);
  }
  return clock.Now() - start;
}

}  // namespace livecounter::cli
