#include "verifier/endpoint_uri.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace livecounter::verifier {
namespace {

struct Free {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
  void operator()(char* text) const { curl_free(text); }
};
using Url = std::unique_ptr<CURLU, Free>;

absl::Status Bad(absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("the endpoint's URI ", why,
                   "; it takes https://host/path or http://host/path, with a port and "
                   "a query where needed"));
}

bool IsPrintable(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), absl::ascii_isgraph);
}

// Letters, digits, `-`, `_` and dots; what resolvers and libcurl read alike.
bool IsHostName(absl::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.';
  });
}

// libcurl reads "http:/host" and "http:///host" too, as browsers do; others read them otherwise.
bool HasTwoSlashes(absl::string_view text) {
  const absl::string_view rest = text.substr(text.find(':') + 1);
  return absl::StartsWith(rest, "//") && !absl::StartsWith(rest, "///");
}

// What stands between the slashes and the path: who, where and which port.
absl::string_view Authority(absl::string_view text) {
  const absl::string_view rest = absl::StripPrefix(text.substr(text.find(':') + 1), "//");
  return rest.substr(0, rest.find_first_of("/?#\\"));
}

// What libcurl would take without a word, and other readers of the same URI otherwise.
absl::Status CheckAuthority(absl::string_view authority) {
  if (absl::StrContains(authority, '@')) return Bad("has a user or a password");
  if (absl::StrContains(authority, '%')) return Bad("has an escape (%) in its host");
  return absl::OkStatus();
}

// "" where the URI has no such part.
std::string Part(const Url& url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, flags) != CURLUE_OK) return "";
  const std::unique_ptr<char, Free> owned(text);
  return text;
}

absl::Status CheckParts(const Url& url) {
  const std::string scheme = Part(url, CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") {
    return Bad(absl::StrCat("has the scheme \"", scheme, "\""));
  }
  if (!Part(url, CURLUPART_USER).empty() || !Part(url, CURLUPART_PASSWORD).empty()) {
    return Bad("has a user or a password");
  }
  if (!Part(url, CURLUPART_FRAGMENT).empty()) return Bad("has a fragment (#…)");
  if (!Part(url, CURLUPART_ZONEID).empty()) return Bad("has an address with a zone (%…)");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<EndpointUri> ParseEndpointUri(absl::string_view text) {
  if (text.empty()) return Bad("is empty");
  if (text.size() > kMaxEndpointUriBytes) {
    return Bad(absl::StrCat("has ", text.size(), " bytes, more than ", kMaxEndpointUriBytes));
  }
  if (!IsPrintable(text)) {
    return Bad(
        "has blanks or characters that are not ASCII; percent-encode them, and write "
        "international host names as xn--…");
  }
  const Url url(curl_url());
  const CURLUcode parsed =
      curl_url_set(url.get(), CURLUPART_URL, std::string(text).c_str(), CURLU_NON_SUPPORT_SCHEME);
  if (parsed != CURLUE_OK) {
    return Bad(absl::StrCat("cannot be read: ", curl_url_strerror(parsed)));
  }
  if (absl::Status status = CheckParts(url); !status.ok()) return status;
  if (absl::Status status = CheckAuthority(Authority(text)); !status.ok()) return status;
  if (!HasTwoSlashes(text)) return Bad("has not two slashes before its host");

  EndpointUri endpoint;
  endpoint.uri = Part(url, CURLUPART_URL);
  const std::string host = Part(url, CURLUPART_HOST);
  absl::string_view bare = host;
  const bool is_bracketed = absl::ConsumePrefix(&bare, "[") && absl::ConsumeSuffix(&bare, "]");
  endpoint.host = absl::AsciiStrToLower(bare);
  endpoint.address = runtime::IpAddress::Parse(endpoint.host);
  if (is_bracketed ? !endpoint.address : !IsHostName(endpoint.host)) {
    return Bad("has no host that can be read");
  }
  const std::string port = Part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  if (!absl::SimpleAtoi(port, &endpoint.port) || endpoint.port < 1 || endpoint.port > 65535) {
    return Bad("has a port that is not 1 to 65535");
  }
  return endpoint;
}

}  // namespace livecounter::verifier
