// The files that the gateway serves from memory: the browser client, and the demo page (web/assets.txt).

#ifndef LIVECOUNTER_GATEWAY_HTTP_ASSETS_H_
#define LIVECOUNTER_GATEWAY_HTTP_ASSETS_H_

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "gateway/http/static_file.h"
#include "gateway/transport.h"

namespace livecounter::gateway {

struct Asset {
  absl::string_view path;  // "/client.js"
  absl::string_view content_type;
  absl::string_view content;
};

// Those compiled in. Views of constants.
absl::Span<const Asset> EmbeddedAssets();

// Immutable; any thread.
class Assets {
 public:
  // `serve_demo`: the demo page too, and `/` leads to it; otherwise only the client (`/client.*`). What
  // `assets` views outlives this.
  Assets(absl::Span<const Asset> assets, bool serve_demo);

  // The answer to a request for one of the files, or nothing for other paths.
  absl::optional<Response> Serve(const Request& request) const;

 private:
  absl::flat_hash_map<absl::string_view, StaticFile> files_;
  bool serve_demo_;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_HTTP_ASSETS_H_
