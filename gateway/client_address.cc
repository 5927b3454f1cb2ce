#include "gateway/client_address.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"

namespace livecounter::gateway {
namespace {

bool IsPort(absl::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

// "1.2.3.4", "1.2.3.4:80", "::1", "[::1]" or "[::1]:80".
absl::optional<runtime::IpAddress> ParseHop(absl::string_view hop) {
  if (absl::ConsumePrefix(&hop, "[")) {
    const size_t end = hop.find(']');
    if (end == absl::string_view::npos) return absl::nullopt;
    absl::string_view rest = hop.substr(end + 1);
    if (!rest.empty() && !(absl::ConsumePrefix(&rest, ":") && IsPort(rest))) return absl::nullopt;
    const absl::string_view inside = hop.substr(0, end);
    if (inside.find(':') == absl::string_view::npos) return absl::nullopt;
    return runtime::IpAddress::Parse(inside);
  }
  const size_t colon = hop.find(':');
  const bool has_port = colon != absl::string_view::npos && colon == hop.rfind(':');
  if (!has_port) return runtime::IpAddress::Parse(hop);
  if (!IsPort(hop.substr(colon + 1))) return absl::nullopt;
  return runtime::IpAddress::Parse(hop.substr(0, colon));
}

// Takes the last item off a comma-separated list.
absl::string_view TakeLast(absl::string_view& list) {
  const size_t comma = list.rfind(',');
  const bool is_only = comma == absl::string_view::npos;
  const absl::string_view last = is_only ? list : list.substr(comma + 1);
  list = is_only ? absl::string_view() : list.substr(0, comma);
  return absl::StripAsciiWhitespace(last);
}

}  // namespace

runtime::IpAddress ClientAddress(const Request& request, const runtime::IpRanges& trusted_proxies) {
  runtime::IpAddress address =
      runtime::IpAddress::Parse(request.peer_address).value_or(runtime::IpAddress());
  absl::string_view hops = request.header("x-forwarded-for").value_or("");
  while (!hops.empty() && trusted_proxies.Contain(address)) {
    const absl::string_view last = TakeLast(hops);
    if (last.empty()) continue;  // RFC 9110 §5.6.1.2
    const absl::optional<runtime::IpAddress> hop = ParseHop(last);
    if (!hop) break;
    address = *hop;
  }
  return address;
}

}  // namespace livecounter::gateway
