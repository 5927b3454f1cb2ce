#include "services/runtime/flag_types.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace livecounter::runtime {
namespace {

absl::Status BadAddress(absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(kListenAddressTakes, "; ", why));
}

}  // namespace

std::string ListenAddress::ToString() const {
  if (!enabled()) return "";
  const bool is_v6 = absl::StrContains(host, ':');
  return is_v6 ? absl::StrCat("[", host, "]:", port) : absl::StrCat(host, ":", port);
}

absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text) {
  if (text.empty()) return ListenAddress{};
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos) return BadAddress("there is no port");
  absl::string_view host = text.substr(0, colon);
  const absl::string_view port_text = text.substr(colon + 1);

  int port = 0;
  if (port_text.find_first_not_of("0123456789") != absl::string_view::npos ||
      !absl::SimpleAtoi(port_text, &port) || port > 65535) {
    return BadAddress("the port is not a number from 0 to 65535");
  }
  const bool bracketed = absl::StartsWith(host, "[") && absl::EndsWith(host, "]");
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host.empty()) return BadAddress("for all interfaces the host is 0.0.0.0 or [::]");
  if (absl::StrContains(host, ':') != bracketed) {
    return BadAddress("brackets go around an IPv6 address and nothing else");
  }
  if (host.find_first_of("[]/ \t") != absl::string_view::npos) {
    return BadAddress("the host is not a name or an address");
  }
  return ListenAddress{std::string(host), port};
}

bool AbslParseFlag(absl::string_view text, ListenAddress* address, std::string* error) {
  absl::StatusOr<ListenAddress> parsed = ParseListenAddress(text);
  if (!parsed.ok()) {
    *error = std::string(parsed.status().message());
    return false;
  }
  *address = *std::move(parsed);
  return true;
}

std::string AbslUnparseFlag(const ListenAddress& address) { return address.ToString(); }

}  // namespace livecounter::runtime
