#include "verifier/answer_fault.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/verdict.h"

namespace livecounter::verifier {
namespace {

// The body without what people often put around it.
absl::string_view Stripped(absl::string_view body) {
  body = absl::StripAsciiWhitespace(body);
  if (body.size() >= 2 && body.front() == '"' && body.back() == '"') {
    return body.substr(1, body.size() - 2);
  }
  return body;
}

std::string FaultOfStatus(int status) {
  if (status >= 300 && status < 400) {
    return absl::StrCat("the status was ", status,
                        ": redirects are not followed, so give the URI that they lead to");
  }
  if (status == 404 || status == 405) {
    return absl::StrCat("the status was ", status, ": let the URI's path take POST requests");
  }
  if (status == 429 || status == 503) {
    return absl::StrCat("the status was ", status,
                        ": lift limits of rate and concurrency for these calls");
  }
  return absl::StrCat("the status was ", status);
}

std::string FaultOfBody(absl::string_view body, const std::vector<std::string>& api_keys) {
  if (body.empty()) return "the body was empty: it must be the API key";
  if (BodyIsApiKey(Stripped(body), api_keys)) {
    return "the body has quotes or blanks around the API key: send the key alone, as plain text";
  }
  return absl::StrCat("the body, of ", body.size(),
                      " bytes, was not an active API key of this product");
}

}  // namespace

std::string FaultOf(const EndpointAnswer& answer, int expected_status,
                    const std::vector<std::string>& api_keys) {
  if (!answer.result.ok()) return std::string(answer.result.message());
  if (answer.status != expected_status) return FaultOfStatus(answer.status);
  if (!BodyIsApiKey(answer.body, api_keys)) return FaultOfBody(answer.body, api_keys);
  return "";
}

}  // namespace livecounter::verifier
