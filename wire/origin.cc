#include "wire/origin.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace livecounter::wire {
namespace {

constexpr size_t kMaxEntryBytes = 300;

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

// Splits ":8443" off `authority`. False when what follows the colon is no port, as browsers write it.
bool TakePort(absl::string_view* authority, int* port) {
  const size_t colon = authority->rfind(':');
  if (colon == absl::string_view::npos || absl::EndsWith(*authority, "]")) return true;
  const absl::string_view digits = authority->substr(colon + 1);
  *authority = authority->substr(0, colon);
  return std::all_of(digits.begin(), digits.end(), absl::ascii_isdigit) &&
         !absl::StartsWith(digits, "0") && absl::SimpleAtoi(digits, port) && *port <= 65535;
}

absl::optional<Origin> Parse(absl::string_view text, bool is_entry) {
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

}  // namespace

absl::optional<Origin> ParseOrigin(absl::string_view text) {
  return Parse(text, /*is_entry=*/false);
}

absl::optional<Origin> ParseOriginEntry(absl::string_view text) {
  return Parse(text, /*is_entry=*/true);
}

absl::Status CheckOriginEntry(absl::string_view entry) {
  if (entry == kAnyOrigin) return absl::OkStatus();
  if (entry.size() <= kMaxEntryBytes && ParseOriginEntry(entry)) return absl::OkStatus();
  constexpr size_t kShown = 80;
  return absl::InvalidArgumentError(absl::StrCat(
      "got \"", absl::CHexEscape(entry.substr(0, kShown)), entry.size() > kShown ? "…" : "",
      "\"; it takes an origin of at most ", kMaxEntryBytes,
      " bytes, such as https://shop.example or http://localhost:3000, without a path, with *. in "
      "place of one label, as in https://*.shop.example, or * for any"));
}

}  // namespace livecounter::wire
