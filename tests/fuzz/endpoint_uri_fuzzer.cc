// A customer writes the endpoint's URI, and libcurl calls what it says: whatever is taken has a scheme that
// is called, a host, and nobody's password; and taken once more it is the same.

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "verifier/endpoint_uri.h"

namespace {

void Require(bool holds) {
  if (!holds) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using livecounter::verifier::ParseEndpointUri;
  const auto uri = ParseEndpointUri(absl::string_view(reinterpret_cast<const char*>(data), size));
  if (!uri.ok()) return 0;
  Require(absl::StartsWith(uri->uri, "http://") || absl::StartsWith(uri->uri, "https://"));
  Require(!uri->host.empty());
  Require(uri->port >= 1 && uri->port <= 65535);
  const size_t path = uri->uri.find('/', uri->uri.find("://") + 3);
  Require(!absl::StrContains(uri->uri.substr(0, path), '@'));

  const auto again = ParseEndpointUri(uri->uri);
  if (!again.ok()) return 0;  // the normalised one may be longer than what is taken
  Require(again->host == uri->host && again->port == uri->port);
  Require(again->address == uri->address);
  return 0;
}
