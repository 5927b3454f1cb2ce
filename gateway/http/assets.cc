#include "gateway/http/assets.h"

#include <array>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gateway/problem.h"
#include "sodium.h"

namespace livecounter::gateway {
namespace {

constexpr absl::string_view kMethods = "GET, HEAD";
constexpr absl::string_view kDemoPath = "/demo";

// Pages of any origin load these, with or without cross-origin isolation.
bool IsClient(absl::string_view path) { return absl::StartsWith(path, "/client."); }

std::string EtagOf(absl::string_view content) {
  std::array<char, 16> hash;
  crypto_generichash(reinterpret_cast<unsigned char*>(hash.data()), hash.size(),
                     reinterpret_cast<const unsigned char*>(content.data()), content.size(),
                     nullptr, 0);
  return absl::StrCat("\"", absl::BytesToHexString(absl::string_view(hash.data(), hash.size())),
                      "\"");
}

bool HasIt(const Request& request, absl::string_view etag) {
  const absl::string_view known = request.header("if-none-match").value_or("");
  return known == "*" || absl::StrContains(known, etag);
}

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
      files_.emplace(asset.path, File{asset, EtagOf(asset.content)});
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

  const auto& [asset, etag] = found->second;
  Response response;
  response.headers = {{"content-type", std::string(asset.content_type)},
                      {"etag", etag},
                      {"x-content-type-options", "nosniff"}};
  if (IsClient(asset.path)) {
    response.headers.emplace_back("cache-control", "public, max-age=300");
    response.headers.emplace_back("access-control-allow-origin", "*");
    response.headers.emplace_back("cross-origin-resource-policy", "cross-origin");
  } else {
    response.headers.emplace_back("cache-control", "no-cache");
  }
  if (HasIt(request, etag)) {
    response.status = 304;
  } else {
    response.body = std::string(asset.content);
  }
  return response;
}

}  // namespace livecounter::gateway
