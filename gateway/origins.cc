#include "gateway/origins.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"

namespace livecounter::gateway {
namespace {

constexpr absl::string_view kAny = "*";
constexpr absl::string_view kAnyLabel = "*.";

struct Origin {
  std::string scheme;
  std::string host;
  int port = 0;  // 0: none named, and the scheme has no default
};

bool IsSchemeCharacter(char c) {
  return absl::ascii_isalnum(c) || c == '+' || c == '-' || c == '.';
}

bool IsHostCharacter(char c) { return absl::ascii_isalnum(c) || c == '-' || c == '.' || c == '_'; }

bool IsAddressCharacter(char c) { return absl::ascii_isxdigit(c) || c == ':' || c == '.'; }

int DefaultPort(absl::string_view scheme) {
  if (scheme == "https") return 443;
  if (scheme == "http") return 80;
  return 0;
}

bool IsHost(absl::string_view host) {
  if (absl::ConsumePrefix(&host, "[")) {
    return absl::ConsumeSuffix(&host, "]") && !host.empty() &&
           std::all_of(host.begin(), host.end(), IsAddressCharacter);
  }
  return !host.empty() && std::all_of(host.begin(), host.end(), IsHostCharacter);
}

// Splits ":8443" off `authority`. False when what follows the colon is no port.
bool TakePort(absl::string_view* authority, int* port) {
  const size_t colon = authority->rfind(':');
  if (colon == absl::string_view::npos || absl::EndsWith(*authority, "]")) return true;
  const absl::string_view digits = authority->substr(colon + 1);
  *authority = authority->substr(0, colon);
  return !digits.empty() && digits.size() <= 5 &&
         std::all_of(digits.begin(), digits.end(), absl::ascii_isdigit) &&
         absl::SimpleAtoi(digits, port) && *port >= 1 && *port <= 65535;
}

// `is_entry`: the host may start with "*.".
absl::optional<Origin> ParseOrigin(absl::string_view text, bool is_entry) {
  const size_t end_of_scheme = text.find("://");
  if (end_of_scheme == absl::string_view::npos || end_of_scheme == 0) return absl::nullopt;
  const absl::string_view scheme = text.substr(0, end_of_scheme);
  if (!std::all_of(scheme.begin(), scheme.end(), IsSchemeCharacter)) return absl::nullopt;

  Origin origin;
  origin.scheme = absl::AsciiStrToLower(scheme);
  origin.port = DefaultPort(origin.scheme);
  absl::string_view host = text.substr(end_of_scheme + 3);
  if (!TakePort(&host, &origin.port)) return absl::nullopt;
  origin.host = absl::AsciiStrToLower(host);
  if (is_entry) absl::ConsumePrefix(&host, kAnyLabel);
  if (!IsHost(host)) return absl::nullopt;
  return origin;
}

bool HostMatches(absl::string_view entry, absl::string_view host) {
  if (!absl::ConsumePrefix(&entry, kAnyLabel)) return entry == host;
  const size_t end_of_label = host.find('.');
  return end_of_label != absl::string_view::npos && end_of_label > 0 &&
         host.substr(end_of_label + 1) == entry;
}

bool EntryMatches(absl::string_view entry, const absl::optional<Origin>& origin) {
  if (entry == kAny) return true;
  if (!origin) return false;
  const absl::optional<Origin> parsed = ParseOrigin(entry, /*is_entry=*/true);
  return parsed && parsed->scheme == origin->scheme && parsed->port == origin->port &&
         HostMatches(parsed->host, origin->host);
}

}  // namespace

bool AnyOriginIsAllowed(const std::vector<std::string>& allowed) {
  return std::find(allowed.begin(), allowed.end(), kAny) != allowed.end();
}

bool OriginIsAllowed(const std::vector<std::string>& allowed, absl::string_view origin) {
  const absl::optional<Origin> parsed = ParseOrigin(origin, /*is_entry=*/false);
  return std::any_of(allowed.begin(), allowed.end(),
                     [&](const std::string& entry) { return EntryMatches(entry, parsed); });
}

}  // namespace livecounter::gateway
