#include "gateway/http/assets.h"

#include <string>

#include "absl/strings/match.h"
#include "gateway/problem.h"

namespace livecounter::gateway {
namespace {

constexpr absl::string_view kMethods = "GET, HEAD";
constexpr absl::string_view kDemoPath = "/demo";

// Pages of any origin load these, with or without cross-origin isolation.
bool IsClient(absl::string_view path) { return absl::StartsWith(path, "/client."); }

Response ToDemo() {
  Response response;
  response.status = 302;
  response.headers = {{"location", std::string(kDemoPath)}, {"cache-control", "no-store"}};
  return response;
}

}  // namespace

Assets::Assets(absl::Span<const Asset> assets, bool serve_demo) : serve_demo_(serve_demo) {
  for (const Asset& asset : assets) {
    if (serve_demo || IsClient(asset.path)) {
      files_.try_emplace(asset.path, asset.content_type, asset.content);
    }
  }
}

absl::optional<Response> Assets::Serve(const Request& request) const {
  const auto found = files_.find(request.path);
  const bool leads_to_demo = serve_demo_ && request.path == "/";
  if (found == files_.end() && !leads_to_demo) return absl::nullopt;
  if (request.method != "GET" && request.method != "HEAD") {
    return MethodNotAllowed(request.method, kMethods);
  }
  if (leads_to_demo) return ToDemo();

  Response response = found->second.Serve(request);
  response.headers.emplace_back("x-content-type-options", "nosniff");
  if (IsClient(request.path)) {
    response.headers.emplace_back("cache-control", "public, max-age=300");
    response.headers.emplace_back("access-control-allow-origin", "*");
    response.headers.emplace_back("cross-origin-resource-policy", "cross-origin");
  } else {
    response.headers.emplace_back("cache-control", "no-cache");
  }
  return response;
}

}  // namespace livecounter::gateway
