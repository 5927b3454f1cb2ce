#include "gateway/console/pages.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gateway/console/security_headers.h"
#include "gateway/problem.h"

namespace livecounter::gateway::console {
namespace {

constexpr absl::string_view kHome = "/";
constexpr absl::string_view kConfig = "/config.json";
constexpr absl::string_view kMethods = "GET, HEAD";

bool LooksLikeAFile(absl::string_view path) {
  return absl::StrContains(path.substr(path.rfind('/') + 1), '.');
}

// What the dashboard asks for when it begins. An origin has nothing that JSON would escape.
Response Config(absl::string_view edge) {
  Response response;
  response.headers = {{"content-type", "application/json"}, {"cache-control", "no-store"}};
  response.body = absl::StrCat(R"({"edge":")", edge, R"("})");
  return response;
}

}  // namespace

Pages::Pages(absl::Span<const Asset> assets, bool own_tls, EdgeOrigin edge)
    : own_tls_(own_tls), edge_(std::move(edge)) {
  for (const Asset& asset : assets) {
    files_.try_emplace(asset.path, asset.content_type, asset.content);
  }
}

const StaticFile* Pages::Find(absl::string_view path) const {
  auto found = files_.find(path);
  if (found == files_.end() && absl::StartsWith(path, kHome) && !LooksLikeAFile(path)) {
    found = files_.find(kHome);
  }
  return found == files_.end() ? nullptr : &found->second;
}

Response Pages::Serve(const Request& request) const {
  const std::string edge = edge_.For(request);
  const bool is_config = request.path == kConfig;
  const StaticFile* file = is_config ? nullptr : Find(request.path);
  Response response;
  if (file == nullptr && !is_config) {
    response = Problem(404, "The console has no such page; it begins at /.");
  } else if (request.method != "GET" && request.method != "HEAD") {
    response = MethodNotAllowed(request.method, kMethods);
  } else {
    response = is_config ? Config(edge) : file->Serve(request);
    if (!is_config) response.headers.emplace_back("cache-control", "no-cache");
  }
  AddSecurityHeaders(ContentKind::kPage, own_tls_, response.headers, edge);
  return response;
}

}  // namespace livecounter::gateway::console
