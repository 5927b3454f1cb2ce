#include "gateway/problem.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"

namespace livecounter::gateway {
namespace {

const char* Title(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 426:
      return "Upgrade Required";
    case 429:
      return "Too Many Requests";
    case 503:
      return "Service Unavailable";
    default:
      return "Error";
  }
}

}  // namespace

Response Problem(int status, absl::string_view detail) {
  nlohmann::ordered_json body;
  body["type"] = "about:blank";
  body["title"] = Title(status);
  body["status"] = status;
  body["detail"] = std::string(detail);
  Response response;
  response.status = status;
  response.headers = {{"content-type", "application/problem+json"}, {"cache-control", "no-store"}};
  // Bytes that are no UTF-8 cannot be in `detail` by contract; shown as U+FFFD if they are.
  response.body = body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  response.body += '\n';
  return response;
}

Response MethodNotAllowed(absl::string_view method, absl::string_view allow) {
  Response response = Problem(
      405, absl::StrCat("The method ", method, " is not one of this resource's: ", allow, "."));
  response.headers.emplace_back("allow", std::string(allow));
  return response;
}

}  // namespace livecounter::gateway
