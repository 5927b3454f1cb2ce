// Who a request of the console speaks for, and whether a page may have made it. Pure; any thread.
//
// Programs send `Authorization: Bearer …`, which goes on as it is. Browsers have a cookie instead, which no
// script can read. A request is a browser's if it has Origin or Sec-Fetch-Site: pages cannot leave them out
// of a POST, and programs have no reason to send them.
//
// Against forged requests (CSRF): a browser's request is only taken from a page of this very origin, and a
// cookie is only taken from a browser. There is no CORS, and POSTs have content types that no form can
// send, so pages of other origins cannot read answers either.

#ifndef LIVECOUNTER_GATEWAY_CONSOLE_CREDENTIALS_H_
#define LIVECOUNTER_GATEWAY_CONSOLE_CREDENTIALS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gateway/transport.h"

namespace livecounter::gateway::console {

inline constexpr absl::string_view kSessionCookie = "livecounter_session";
// Over TLS: browsers take a cookie of this prefix from this very host only, so that no neighbour below the same
// domain can slip in a session of its own (RFC 6265bis §4.1.3.2).
inline constexpr absl::string_view kSecureSessionCookie = "__Host-livecounter_session";

// Whether a browser sent it, for a page: then the session's token goes into a cookie and nowhere else.
bool IsOfBrowser(const Request& request);

// The value for gRPC's metadata `authorization`, or nothing: the request's own Authorization, else the
// token of the cookie. PermissionDenied for what another origin's page may have made, InvalidArgument where
// either is no printable ASCII. `own_tls`: the console itself speaks TLS.
absl::StatusOr<std::string> AuthorizationOf(const Request& request, bool own_tls);

// Whether a cookie that answers this request is to be sent back over TLS only: `own_tls`, or the page came
// over TLS that an ingress in front ended.
bool IsSecure(const Request& request, bool own_tls);

// Set-Cookie with the token of a session, for scripts out of reach and never sent from other sites' pages.
// `expires` in the infinite future: until the browser is closed.
std::string SessionCookie(absl::string_view token, absl::Time expires, absl::Time now,
                          bool is_secure);
// Set-Cookie that removes it.
std::string NoSessionCookie(bool is_secure);

}  // namespace livecounter::gateway::console

#endif  // LIVECOUNTER_GATEWAY_CONSOLE_CREDENTIALS_H_
