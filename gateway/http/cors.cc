#include "gateway/http/cors.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "gateway/origins.h"

namespace livecounter::gateway {
namespace {

void AddToVary(absl::string_view field, Headers* headers) {
  const auto vary = std::find_if(headers->begin(), headers->end(),
                                 [](const auto& header) { return header.first == "vary"; });
  if (vary == headers->end()) {
    headers->emplace_back("vary", std::string(field));
  } else {
    absl::StrAppend(&vary->second, ", ", field);
  }
}

}  // namespace

void AddCors(const Request& request, const Product* product, Headers* headers) {
  headers->emplace_back("access-control-expose-headers", "Retry-After");
  if (product == nullptr || AnyOriginIsAllowed(product->allowed_origins)) {
    headers->emplace_back("access-control-allow-origin", "*");
    return;
  }
  AddToVary("Origin", headers);
  const absl::optional<absl::string_view> origin = request.header("origin");
  if (origin && OriginIsAllowed(product->allowed_origins, *origin)) {
    headers->emplace_back("access-control-allow-origin", std::string(*origin));
  }
}

Response Preflight(const Request& request, const Product* product, absl::string_view allow) {
  Response response;
  response.status = 204;
  response.headers = {{"allow", std::string(allow)},
                      {"access-control-allow-methods", std::string(allow)},
                      {"access-control-allow-headers",
                       "Idempotency-Key, Last-Event-ID, Content-Type, Cache-Control"},
                      {"access-control-max-age", "7200"}};
  AddCors(request, product, &response.headers);
  return response;
}

bool OriginMayUse(const Request& request, const Product& product) {
  const absl::optional<absl::string_view> origin = request.header("origin");
  return !origin || OriginIsAllowed(product.allowed_origins, *origin);
}

}  // namespace livecounter::gateway
