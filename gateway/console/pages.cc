#include "gateway/console/pages.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gateway/console/gzip.h"
#include "gateway/console/security_headers.h"
#include "gateway/http/etag.h"
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
    files_.emplace(asset.path, MakeFile(asset));
  }
}

Pages::File Pages::MakeFile(const Asset& asset) {
  File file = {.content_type = asset.content_type,
               .plain = {std::string(asset.content), EtagOf(asset.content)},
               .zipped = absl::nullopt};
  std::string zipped = Gzip(asset.content);
  if (zipped.size() < asset.content.size()) {
    std::string etag = EtagOf(zipped);
    file.zipped = Form{std::move(zipped), std::move(etag)};
  }
  return file;
}

const Pages::File* Pages::Find(absl::string_view path) const {
  auto found = files_.find(path);
  if (found == files_.end() && absl::StartsWith(path, kHome) && !LooksLikeAFile(path)) {
    found = files_.find(kHome);
  }
  return found == files_.end() ? nullptr : &found->second;
}

Response Pages::ServeFile(const Request& request, const File& file) {
  const bool is_zipped = file.zipped.has_value() && TakesGzip(request);
  const Form& form = is_zipped ? *file.zipped : file.plain;
  Response response;
  response.headers = {{"content-type", std::string(file.content_type)},
                      {"etag", form.etag},
                      {"cache-control", "no-cache"},
                      {"vary", "Accept-Encoding"}};
  if (is_zipped) response.headers.emplace_back("content-encoding", "gzip");
  if (HasIt(request, form.etag)) {
    response.status = 304;
  } else {
    response.body = form.content;
  }
  return response;
}

Response Pages::Serve(const Request& request) const {
  const std::string edge = edge_.For(request);
  const bool is_config = request.path == kConfig;
  const File* file = is_config ? nullptr : Find(request.path);
  Response response;
  if (file == nullptr && !is_config) {
    response = Problem(404, "The console has no such page; it begins at /.");
  } else if (request.method != "GET" && request.method != "HEAD") {
    response = MethodNotAllowed(request.method, kMethods);
  } else {
    response = is_config ? Config(edge) : ServeFile(request, *file);
  }
  AddSecurityHeaders(ContentKind::kPage, own_tls_, response.headers, edge);
  return response;
}

}  // namespace livecounter::gateway::console
