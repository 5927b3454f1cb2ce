#include "gateway/console/pages.h"

#include "absl/strings/match.h"
#include "gateway/console/security_headers.h"
#include "gateway/http/etag.h"
#include "gateway/problem.h"

namespace livecounter::gateway::console {
namespace {

constexpr absl::string_view kHome = "/";
constexpr absl::string_view kMethods = "GET, HEAD";

bool LooksLikeAFile(absl::string_view path) {
  return absl::StrContains(path.substr(path.rfind('/') + 1), '.');
}

}  // namespace

Pages::Pages(absl::Span<const Asset> assets, bool own_tls) : own_tls_(own_tls) {
  for (const Asset& asset : assets) {
    files_.emplace(asset.path, File{asset, EtagOf(asset.content)});
  }
}

const Pages::File* Pages::Find(absl::string_view path) const {
  auto found = files_.find(path);
  if (found == files_.end() && absl::StartsWith(path, kHome) && !LooksLikeAFile(path)) {
    found = files_.find(kHome);
  }
  return found == files_.end() ? nullptr : &found->second;
}

Response Pages::Serve(const Request& request) const {
  const File* file = Find(request.path);
  Response response;
  if (file == nullptr) {
    response = Problem(404, "The console has no such page; it begins at /.");
  } else if (request.method != "GET" && request.method != "HEAD") {
    response = MethodNotAllowed(request.method, kMethods);
  } else {
    response.headers = {{"content-type", std::string(file->asset.content_type)},
                        {"etag", file->etag},
                        {"cache-control", "no-cache"}};
    if (HasIt(request, file->etag)) {
      response.status = 304;
    } else {
      response.body = std::string(file->asset.content);
    }
  }
  AddSecurityHeaders(ContentKind::kPage, own_tls_, response.headers);
  return response;
}

}  // namespace livecounter::gateway::console
