#include "gateway/net/refusal.h"

#include "absl/strings/str_cat.h"
#include "gateway/net/response_encoder.h"

namespace livecounter::gateway::net {
namespace {

// As the inside of a JSON string; other bytes than printable ASCII are left out.
std::string JsonText(absl::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    if (c >= ' ' && c <= '~') out.push_back(c);
  }
  return out;
}

}  // namespace

Response ToResponse(const Refusal& refusal) {
  Response response;
  response.status = refusal.status;
  response.headers = {{"content-type", "application/problem+json"}, {"cache-control", "no-store"}};
  response.headers.insert(response.headers.end(), refusal.headers.begin(), refusal.headers.end());
  response.body = absl::StrCat(R"({"type":"about:blank","title":")", ReasonPhrase(refusal.status),
                               R"(","status":)", refusal.status, R"(,"detail":")",
                               JsonText(refusal.detail), "\"}\n");
  return response;
}

}  // namespace livecounter::gateway::net
