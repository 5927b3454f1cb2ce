#include "gateway/http/etag.h"

#include <array>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "sodium.h"

namespace livecounter::gateway {

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

}  // namespace livecounter::gateway
