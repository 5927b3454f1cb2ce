// The console's pages: the dashboard, compiled in (web/dashboard/assets.txt), and /config.json, which tells it
// where the gateways are. Immutable; any thread.

#ifndef LIVECOUNTER_GATEWAY_CONSOLE_PAGES_H_
#define LIVECOUNTER_GATEWAY_CONSOLE_PAGES_H_

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "gateway/console/edge_origin.h"
#include "gateway/http/assets.h"
#include "gateway/http/static_file.h"
#include "gateway/transport.h"

namespace livecounter::gateway::console {

// Those compiled in. Views of constants.
absl::Span<const Asset> EmbeddedPages();

class Pages {
 public:
  // What `assets` views outlives this. One of them is "/". `own_tls`: see AddSecurityHeaders().
  Pages(absl::Span<const Asset> assets, bool own_tls, EdgeOrigin edge);

  // The answer to a request for any path: the file; what "/" is for paths that look like no file, since
  // the page at "/" has pages of its own (/products/…) that exist in the browser alone; else 404. Browsers
  // ask again each time whether what they have is still it. Who takes gzip gets what that makes smaller.
  Response Serve(const Request& request) const;

 private:
  const StaticFile* Find(absl::string_view path) const;

  absl::flat_hash_map<absl::string_view, StaticFile> files_;
  const bool own_tls_;
  const EdgeOrigin edge_;
};

}  // namespace livecounter::gateway::console

#endif  // LIVECOUNTER_GATEWAY_CONSOLE_PAGES_H_
