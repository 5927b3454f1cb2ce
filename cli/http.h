// HTTP requests of livecounterctl to ports that speak no gRPC: those of the metrics, and those of clients.
//
// Part of commands; the main thread only.

#ifndef LIVECOUNTER_CLI_HTTP_H_
#define LIVECOUNTER_CLI_HTTP_H_

#include <curl/curl.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace livecounter::cli {

struct FreeCurl {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using CurlHandle = std::unique_ptr<CURL, FreeCurl>;

// A handle with what every request has: http and https only, no redirects, no proxies, no signals.
CurlHandle MakeCurlHandle();

struct HttpAnswer {
  int status = 0;
  std::string body = {};  // the first KiB of it
};

// Reads `url`; any answer is one, whatever its status. Unavailable where there is none within `timeout`,
// with libcurl's reason.
absl::StatusOr<HttpAnswer> HttpGet(const std::string& url, absl::Duration timeout);

}  // namespace livecounter::cli

#endif  // LIVECOUNTER_CLI_HTTP_H_
