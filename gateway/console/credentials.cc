#include "gateway/console/credentials.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"
#include "services/runtime/bearer_token.h"
#include "services/runtime/grpc_status.h"

namespace livecounter::gateway::console {
namespace {

constexpr absl::string_view kAttributes = "; Path=/; HttpOnly; SameSite=Strict";
constexpr absl::string_view kHttps = "https://";

// What gRPC takes as metadata.
bool IsPrintable(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

// RFC 6265 §5.4; of several of the name, the first.
absl::string_view CookieOf(const Request& request, absl::string_view name) {
  // Several Cookie headers were joined with ", " on their way here (RFC 9113 §8.2.3 would have "; ").
  for (absl::string_view pair :
       absl::StrSplit(request.header("cookie").value_or(""), absl::ByAnyChar(";,"))) {
    pair = absl::StripAsciiWhitespace(pair);
    if (absl::ConsumePrefix(&pair, name) && absl::ConsumePrefix(&pair, "=")) return pair;
  }
  return "";
}

absl::string_view CookieName(bool is_secure) {
  return is_secure ? kSecureSessionCookie : kSessionCookie;
}

// Whether `origin` ("https://console.example") is that of the host that the request was sent to. Without TLS
// of our own it may be https all the same, where an ingress in front ends it.
bool IsOwnOrigin(absl::string_view origin, const Request& request, bool own_tls) {
  const absl::string_view host = request.header("host").value_or("");
  const bool is_served =
      absl::ConsumePrefix(&origin, kHttps) || (!own_tls && absl::ConsumePrefix(&origin, "http://"));
  return is_served && !host.empty() && absl::EqualsIgnoreCase(origin, host);
}

bool IsOfOwnPage(const Request& request, bool own_tls) {
  const absl::optional<absl::string_view> site = request.header("sec-fetch-site");
  const absl::optional<absl::string_view> origin = request.header("origin");
  return site.value_or("same-origin") == "same-origin" &&
         (!origin.has_value() || IsOwnOrigin(*origin, request, own_tls));
}

}  // namespace

bool IsOfBrowser(const Request& request) {
  return request.header("sec-fetch-site").has_value() || request.header("origin").has_value();
}

absl::StatusOr<std::string> AuthorizationOf(const Request& request, bool own_tls) {
  const bool is_of_browser = IsOfBrowser(request);
  if (is_of_browser && !IsOfOwnPage(request, own_tls)) {
    return runtime::WithReason(
        absl::PermissionDeniedError("pages of another origin may not call the console; call it "
                                    "from its own, or from a program"),
        "OTHER_ORIGIN");
  }
  const absl::optional<absl::string_view> authorization = request.header("authorization");
  if (authorization.has_value()) {
    if (IsPrintable(*authorization)) return std::string(*authorization);
    return absl::InvalidArgumentError("Authorization is not printable ASCII");
  }
  const absl::string_view token = CookieOf(request, CookieName(IsSecure(request, own_tls)));
  if (token.empty()) return std::string();
  if (!is_of_browser) {
    return runtime::WithReason(
        absl::PermissionDeniedError("a cookie is taken from browsers, which send Origin or "
                                    "Sec-Fetch-Site with it; programs send "
                                    "Authorization: Bearer <token>"),
        "COOKIE_OF_NO_BROWSER");
  }
  if (!IsPrintable(token)) return absl::InvalidArgumentError("the session's cookie holds no token");
  return runtime::AuthorizationHeader(token);
}

bool IsSecure(const Request& request, bool own_tls) {
  return own_tls || absl::StartsWith(request.header("origin").value_or(""), kHttps);
}

std::string SessionCookie(absl::string_view token, absl::Time expires, absl::Time now,
                          bool is_secure) {
  std::string cookie = absl::StrCat(CookieName(is_secure), "=", token, kAttributes);
  if (expires != absl::InfiniteFuture()) {
    const int64_t seconds = std::max<int64_t>(0, absl::ToInt64Seconds(expires - now));
    absl::StrAppend(&cookie, "; Max-Age=", seconds);
  }
  if (is_secure) absl::StrAppend(&cookie, "; Secure");
  return cookie;
}

std::string NoSessionCookie(bool is_secure) {
  return SessionCookie("", absl::UnixEpoch(), absl::UnixEpoch(), is_secure);
}

}  // namespace livecounter::gateway::console
