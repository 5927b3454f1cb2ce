#include "gateway/console/security_headers.h"

namespace livecounter::gateway::console {
namespace {

constexpr char kPagePolicy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src "
    "'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";
constexpr char kDataPolicy[] = "default-src 'none'; frame-ancestors 'none'";

}  // namespace

void AddSecurityHeaders(ContentKind kind, bool own_tls,
                        std::vector<std::pair<std::string, std::string>>& headers) {
  headers.emplace_back("content-security-policy",
                       kind == ContentKind::kPage ? kPagePolicy : kDataPolicy);
  headers.emplace_back("x-content-type-options", "nosniff");
  headers.emplace_back("referrer-policy", "no-referrer");
  headers.emplace_back("cross-origin-resource-policy", "same-origin");
  headers.emplace_back("cross-origin-opener-policy", "same-origin");
  headers.emplace_back("permissions-policy", "camera=(), geolocation=(), microphone=()");
  if (own_tls) headers.emplace_back("strict-transport-security", "max-age=31536000");
}

}  // namespace livecounter::gateway::console
