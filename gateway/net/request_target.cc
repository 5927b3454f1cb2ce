#include "gateway/net/request_target.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gateway/wipe.h"
#include "wire/percent.h"

namespace livecounter::gateway::net {
namespace {

bool MayNotStandInTarget(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= ' ' || byte == 0x7f || c == '#';
}

// "http://host/a?b" → "/a?b", "http://host?b" → "?b"; anything else as it is.
absl::string_view WithoutAuthority(absl::string_view target) {
  for (absl::string_view scheme : {"http://", "https://"}) {
    if (!absl::StartsWithIgnoreCase(target, scheme)) continue;
    target.remove_prefix(scheme.size());
    return target.substr(std::min(target.find_first_of("/?"), target.size()));
  }
  return target;
}

absl::StatusOr<std::string> Decode(absl::string_view encoded) {
  absl::StatusOr<std::string> bytes = wire::PercentDecode(encoded);
  if (bytes.ok() && absl::StrContains(*bytes, '\0')) {
    return absl::InvalidArgumentError("%00 is not taken: no text here holds a NUL");
  }
  return bytes;
}

absl::StatusOr<std::string> DecodeForm(absl::string_view encoded) {
  std::string with_spaces = absl::StrReplaceAll(encoded, {{"+", " "}});
  absl::StatusOr<std::string> decoded = Decode(with_spaces);
  Wipe(with_spaces);
  return decoded;
}

void ParseQuery(absl::string_view text, RequestTarget& target) {
  for (absl::string_view parameter : absl::StrSplit(text, '&', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(parameter, absl::MaxSplits('=', 1));
    absl::StatusOr<std::string> name = DecodeForm(parts.first);
    if (!name.ok()) continue;
    absl::StatusOr<std::string> value = DecodeForm(parts.second);
    if (!value.ok()) {
      value = absl::InvalidArgumentError(
          absl::StrCat("In the parameter \"", *name, "\" ", value.status().message(), "."));
    }
    target.query.emplace_back(*std::move(name), std::move(value));
  }
}

}  // namespace

absl::StatusOr<RequestTarget> ParseRequestTarget(absl::string_view target) {
  if (std::any_of(target.begin(), target.end(), MayNotStandInTarget)) {
    return absl::InvalidArgumentError(
        "the target holds a space, a control character or a '#'; percent-encode it");
  }
  RequestTarget parsed;
  if (target == "*") {
    parsed.path = "*";
    return parsed;
  }
  const bool is_absolute = !absl::StartsWith(target, "/");
  const absl::string_view relative = WithoutAuthority(target);
  if (is_absolute && relative.size() == target.size()) {
    return absl::InvalidArgumentError("the target is neither a path nor an http(s) URL");
  }
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(relative, absl::MaxSplits('?', 1));
  absl::StatusOr<std::string> path = Decode(parts.first);
  if (!path.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("in the path ", path.status().message()));
  }
  parsed.has_escaped_slash =
      absl::StrContains(parts.first, "%2F") || absl::StrContains(parts.first, "%2f");
  parsed.path = path->empty() ? "/" : *std::move(path);
  ParseQuery(parts.second, parsed);
  return parsed;
}

}  // namespace livecounter::gateway::net
