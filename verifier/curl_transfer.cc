#include "verifier/curl_transfer.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "services/runtime/ip_address.h"
#include "services/runtime/version.h"

namespace livecounter::verifier {
namespace {

constexpr size_t kMaxHeaderBytes = 16 * 1024;
// libcurl's receive buffer of a connection; answers are short.
constexpr int kBufferBytes = 4096;

const char* SystemCertificates() { return "/etc/ssl/certs/ca-certificates.crt"; }

}  // namespace

CurlTransfer::CurlTransfer(const AddressPolicy& policy, const std::string& ca_file)
    : policy_(policy), easy_(curl_easy_init()) {
  SetLimits(ca_file);
}

CurlTransfer::~CurlTransfer() { curl_easy_cleanup(easy_); }

CurlTransfer* CurlTransfer::Of(CURL* easy) {
  CurlTransfer* transfer = nullptr;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
  return transfer;
}

void CurlTransfer::SetLimits(const std::string& ca_file) {
  static const std::string* const agent =
      new std::string(absl::StrCat("livecounter-verifier/", runtime::Version()));
  curl_easy_setopt(easy_, CURLOPT_PRIVATE, this);
  curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, error_text_.data());
  curl_easy_setopt(easy_, CURLOPT_USERAGENT, agent->c_str());
  curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(absl::ToInt64Milliseconds(kCallTimeout)));
  curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy_, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy_, CURLOPT_PROXY, "");
  curl_easy_setopt(easy_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy_, CURLOPT_POST, 1L);
  curl_easy_setopt(easy_, CURLOPT_BUFFERSIZE, static_cast<long>(kBufferBytes));
  curl_easy_setopt(easy_, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy_, CURLOPT_SSL_VERIFYHOST, 2L);
  // Named as a file, and without a directory: only so does libcurl read the certificates once and not for
  // each connection.
  curl_easy_setopt(easy_, CURLOPT_CAINFO, ca_file.empty() ? SystemCertificates() : ca_file.c_str());
  curl_easy_setopt(easy_, CURLOPT_CAPATH, nullptr);
  curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &OnBody);
  curl_easy_setopt(easy_, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, &OnHeader);
  curl_easy_setopt(easy_, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy_, CURLOPT_READFUNCTION, &OnRead);
  curl_easy_setopt(easy_, CURLOPT_READDATA, this);
  curl_easy_setopt(easy_, CURLOPT_SEEKFUNCTION, &OnSeek);
  curl_easy_setopt(easy_, CURLOPT_SEEKDATA, this);
  curl_easy_setopt(easy_, CURLOPT_OPENSOCKETFUNCTION, &OnOpenSocket);
  curl_easy_setopt(easy_, CURLOPT_OPENSOCKETDATA, this);
}

void CurlTransfer::SetTarget(const CallTarget& target, absl::Duration timeout) {
  body_.clear();
  header_bytes_ = 0;
  too_long_ = false;
  refused_ = absl::OkStatus();
  error_text_[0] = '\0';
  sent_ = 0;

  curl_slist* headers = curl_slist_append(nullptr, "Content-Type: application/json");
  headers = curl_slist_append(headers, "Expect:");
  for (const std::string& header : call_.headers) {
    headers = curl_slist_append(headers, header.c_str());
  }
  headers_.reset(headers);
  pinned_.reset(target.pinned.empty() ? nullptr
                                      : curl_slist_append(nullptr, target.pinned.c_str()));
  curl_easy_setopt(easy_, CURLOPT_URL, target.uri.c_str());
  curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers_.get());
  curl_easy_setopt(easy_, CURLOPT_RESOLVE, pinned_.get());
  curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE, static_cast<long>(call_.body.size()));
  curl_easy_setopt(easy_, CURLOPT_TIMEOUT_MS,
                   static_cast<long>(std::max(absl::ToInt64Milliseconds(timeout), int64_t{1})));
}

void CurlTransfer::Prepare(const CallTarget& target, EndpointCall call, absl::Duration timeout) {
  call_ = std::move(call);
  on_ready_ = nullptr;
  held_ = false;
  SetTarget(target, timeout);
  curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, call_.body.data());
}

void CurlTransfer::PrepareHeld(const CallTarget& target, EndpointCall call, absl::Duration timeout,
                               std::function<void()> on_ready) {
  call_ = std::move(call);
  on_ready_ = std::move(on_ready);
  held_ = true;
  SetTarget(target, timeout);
  curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, nullptr);  // OnRead() gives it
}

void CurlTransfer::Release() {
  if (!held_) return;
  held_ = false;
  curl_easy_pause(easy_, CURLPAUSE_CONT);
}

EndpointAnswer CurlTransfer::Finish(CURLcode code) {
  EndpointAnswer answer;
  answer.result = Failure(code);
  if (answer.result.ok()) {
    long status = 0;  // NOLINT(google-runtime-int): libcurl's
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    answer.status = static_cast<int>(status);
    answer.body = body_;
  }
  call_ = {};
  on_ready_ = nullptr;
  return answer;
}

absl::Status CurlTransfer::Failure(CURLcode code) const {
  if (code == CURLE_OK) return absl::OkStatus();
  if (too_long_) {
    return absl::OutOfRangeError(
        header_bytes_ > kMaxHeaderBytes
            ? absl::StrCat("the answer has headers of more than ", kMaxHeaderBytes, " bytes")
            : absl::StrCat("the answer has a body of more than ", kMaxAnswerBytes, " bytes"));
  }
  if (code == CURLE_OPERATION_TIMEDOUT) {
    return absl::DeadlineExceededError(
        absl::StrCat("there was no complete answer within ", absl::FormatDuration(kCallTimeout)));
  }
  if (!refused_.ok()) return refused_;
  const absl::string_view detail = error_text_.data();
  return absl::UnavailableError(absl::StrCat(
      "the call failed: ", detail.empty() ? absl::string_view(curl_easy_strerror(code)) : detail));
}

size_t CurlTransfer::OnBody(char* data, size_t size, size_t count, void* self) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  const size_t bytes = size * count;
  if (transfer.body_.size() + bytes > kMaxAnswerBytes) {
    transfer.too_long_ = true;
    return 0;
  }
  transfer.body_.append(data, bytes);
  return bytes;
}

size_t CurlTransfer::OnHeader(char* /*data*/, size_t size, size_t count, void* self) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  transfer.header_bytes_ += size * count;
  if (transfer.header_bytes_ > kMaxHeaderBytes) {
    transfer.too_long_ = true;
    return 0;
  }
  return size * count;
}

size_t CurlTransfer::OnRead(char* buffer, size_t size, size_t count, void* self) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  if (transfer.held_) {
    if (transfer.on_ready_ != nullptr) std::exchange(transfer.on_ready_, nullptr)();
    return CURL_READFUNC_PAUSE;
  }
  const std::string& body = transfer.call_.body;
  const size_t bytes = std::min(size * count, body.size() - transfer.sent_);
  std::copy_n(body.data() + transfer.sent_, bytes, buffer);
  transfer.sent_ += bytes;
  return bytes;
}

// A connection that was open turned out to be dead: libcurl sends once more, from the start.
int CurlTransfer::OnSeek(void* self, curl_off_t offset, int /*origin*/) {
  static_cast<CurlTransfer*>(self)->sent_ = static_cast<size_t>(offset);
  return CURL_SEEKFUNC_OK;
}

curl_socket_t CurlTransfer::OnOpenSocket(void* self, curlsocktype /*purpose*/,
                                         curl_sockaddr* address) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  const auto ip = runtime::IpAddress::FromSocketAddress(address->addr);
  const absl::Status allowed =
      ip ? transfer.policy_.Check(*ip) : absl::PermissionDeniedError("it has no IP address");
  if (!allowed.ok()) {
    transfer.refused_ = allowed;
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

}  // namespace livecounter::verifier
