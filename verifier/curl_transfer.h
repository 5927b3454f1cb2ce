// One call through libcurl: an easy handle with all that limits a call of ours. No redirects, no proxies,
// http and https only, HTTP/1.1, certificates checked, the answer cut at 1 KiB by our own callback and its
// headers at 16 KiB, each address checked once more when its socket is opened. Used again for the next
// call, which spares making a handle; connections belong to the multi handle. Part of
// HttpCustomerEndpoint, on whose thread it lives.

#ifndef LIVECOUNTER_VERIFIER_CURL_TRANSFER_H_
#define LIVECOUNTER_VERIFIER_CURL_TRANSFER_H_

#include <curl/curl.h>

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "verifier/address_policy.h"
#include "verifier/customer_endpoint.h"

namespace livecounter::verifier {

// Where a call goes, and the addresses that its host was found to have, as CURLOPT_RESOLVE takes them;
// "" for a host that is an address.
struct CallTarget {
  std::string uri;
  std::string pinned = {};
};

class CurlTransfer {
 public:
  // `policy` outlives it. With `ca_file` its certificates are trusted in place of the system's.
  CurlTransfer(const AddressPolicy& policy, const std::string& ca_file);
  ~CurlTransfer();
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;

  CURL* easy() { return easy_; }
  // The transfer that a handle belongs to.
  static CurlTransfer* Of(CURL* easy);

  // Makes the handle ready for a multi handle: the call is sent as soon as it is connected.
  void Prepare(const CallTarget& target, EndpointCall call, absl::Duration timeout);
  // The same, but once it is connected `on_ready` is called and the body held back until Release().
  // `on_ready` must not call into libcurl.
  void PrepareHeld(const CallTarget& target, EndpointCall call, absl::Duration timeout,
                   std::function<void()> on_ready);
  void Release();

  // What came of it, once libcurl is done with it.
  EndpointAnswer Finish(CURLcode code);

 private:
  struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };
  using List = std::unique_ptr<curl_slist, FreeList>;

  static size_t OnBody(char* data, size_t size, size_t count, void* self);
  static size_t OnHeader(char* data, size_t size, size_t count, void* self);
  static size_t OnRead(char* buffer, size_t size, size_t count, void* self);
  static int OnSeek(void* self, curl_off_t offset, int origin);
  static curl_socket_t OnOpenSocket(void* self, curlsocktype purpose, curl_sockaddr* address);

  void SetLimits(const std::string& ca_file);
  void SetTarget(const CallTarget& target, absl::Duration timeout);
  absl::Status Failure(CURLcode code) const;

  const AddressPolicy& policy_;
  CURL* const easy_;
  std::array<char, CURL_ERROR_SIZE> error_text_ = {};

  EndpointCall call_;
  List headers_;
  List pinned_;
  std::string body_;
  size_t header_bytes_ = 0;
  bool too_long_ = false;
  absl::Status refused_;  // the last address that the policy did not allow
  std::function<void()> on_ready_;
  bool held_ = false;
  size_t sent_ = 0;  // bytes of a held body
};

}  // namespace livecounter::verifier

#endif  // LIVECOUNTER_VERIFIER_CURL_TRANSFER_H_
