// libcurl's multi handle on an epoll of our own: waits for its sockets and timers and says which handles
// are done. Part of HttpCustomerEndpoint.

#ifndef LIVECOUNTER_VERIFIER_CURL_LOOP_H_
#define LIVECOUNTER_VERIFIER_CURL_LOOP_H_

#include <curl/curl.h>

#include <functional>

#include "absl/time/time.h"
#include "services/runtime/clock.h"

namespace livecounter::verifier {

// One thread, but for Wake().
class CurlLoop {
 public:
  // `on_done` is called from Turn(), with a handle that is in the loop no more. `clock` outlives it.
  CurlLoop(int max_idle_connections, runtime::Clock& clock,
           std::function<void(CURL*, CURLcode)> on_done);
  // Precondition: every handle has been removed or was done.
  ~CurlLoop();
  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;

  void Add(CURL* easy) { curl_multi_add_handle(multi_, easy); }
  void Remove(CURL* easy) { curl_multi_remove_handle(multi_, easy); }

  // Waits until something happens, `until` at the latest, and serves it.
  void Turn(absl::Time until);
  // Ends the wait of this turn or the next. Any thread.
  void Wake();

 private:
  static int OnSocket(CURL* easy, curl_socket_t socket, int what, void* self, void* known);
  // NOLINTNEXTLINE(google-runtime-int): libcurl's
  static int OnTimer(CURLM* multi, long timeout_ms, void* self);

  void Serve(int socket, uint32_t events);
  void CollectDone();

  runtime::Clock& clock_;
  const std::function<void(CURL*, CURLcode)> on_done_;
  CURLM* const multi_;
  const int epoll_;
  const int wake_;  // an eventfd
  absl::Time timer_ = absl::InfiniteFuture();
};

}  // namespace livecounter::verifier

#endif  // LIVECOUNTER_VERIFIER_CURL_LOOP_H_
