// What every answer of the console tells a browser not to do. Pure; any thread.

#ifndef LIVECOUNTER_GATEWAY_CONSOLE_SECURITY_HEADERS_H_
#define LIVECOUNTER_GATEWAY_CONSOLE_SECURITY_HEADERS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace livecounter::gateway::console {

// kPage: a page, which may load scripts, styles, images and data of its own origin, and nothing inline; from the
// gateways the browser client, badges and numbers.
// kData: anything else, which loads nothing.
enum class ContentKind { kPage, kData };

// Appends Content-Security-Policy, X-Content-Type-Options, Referrer-Policy, Cross-Origin-Resource-Policy,
// Cross-Origin-Opener-Policy, Permissions-Policy and, where the console itself speaks TLS (`own_tls`),
// Strict-Transport-Security for a year. `edge`: the gateways' origin (edge_origin.h), or nothing.
void AddSecurityHeaders(ContentKind kind, bool own_tls,
                        std::vector<std::pair<std::string, std::string>>& headers,
                        absl::string_view edge = "");

}  // namespace livecounter::gateway::console

#endif  // LIVECOUNTER_GATEWAY_CONSOLE_SECURITY_HEADERS_H_
