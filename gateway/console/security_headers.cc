#include "gateway/console/security_headers.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace livecounter::gateway::console {
namespace {

constexpr absl::string_view kHttp = "http";
constexpr char kDataPolicy[] = "default-src 'none'; frame-ancestors 'none'";

std::string PagePolicy(absl::string_view edge) {
  std::string client;
  std::string images;
  std::string numbers;
  if (!edge.empty()) {
    client = absl::StrCat(" ", edge, "/client.js");
    images = absl::StrCat(" ", edge, "/counters/");
    // "http…" names no WebSockets: "ws…" does.
    numbers = absl::StrCat(" ", edge, " ws", edge.substr(kHttp.size()));
  }
  return absl::StrCat("default-src 'none'; script-src 'self'", client,
                      "; style-src 'self'; img-src 'self' data:", images,
                      "; font-src 'self'; connect-src 'self'", numbers,
                      "; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
                      "frame-ancestors 'none'");
}

}  // namespace

void AddSecurityHeaders(ContentKind kind, bool own_tls,
                        std::vector<std::pair<std::string, std::string>>& headers,
                        absl::string_view edge) {
  headers.emplace_back("content-security-policy",
                       kind == ContentKind::kPage ? PagePolicy(edge) : kDataPolicy);
  headers.emplace_back("x-content-type-options", "nosniff");
  headers.emplace_back("referrer-policy", "no-referrer");
  headers.emplace_back("cross-origin-resource-policy", "same-origin");
  headers.emplace_back("cross-origin-opener-policy", "same-origin");
  headers.emplace_back("permissions-policy", "camera=(), geolocation=(), microphone=()");
  if (own_tls) headers.emplace_back("strict-transport-security", "max-age=31536000");
}

}  // namespace livecounter::gateway::console
