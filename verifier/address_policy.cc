#include "verifier/address_policy.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace livecounter::verifier {
namespace {

struct NamedRange {
  absl::string_view range;
  absl::string_view kind;
};

// A narrower range before a wider one that holds it.
constexpr NamedRange kRefused[] = {
    {"0.0.0.0/8", "an address of \"this network\""},
    {"10.0.0.0/8", "a private address"},
    {"100.64.0.0/10", "a carrier-grade NAT address"},
    {"127.0.0.0/8", "a loopback address"},
    {"168.63.129.16/32", "a cloud's metadata address"},
    {"169.254.169.254/32", "a cloud's metadata address"},
    {"169.254.0.0/16", "a link-local address"},
    {"172.16.0.0/12", "a private address"},
    {"192.0.2.0/24", "a documentation address"},
    {"192.0.0.0/24", "a reserved address"},
    {"192.31.196.0/24", "a reserved address"},
    {"192.52.193.0/24", "a reserved address"},
    {"192.88.99.0/24", "a 6to4 relay's address"},
    {"192.168.0.0/16", "a private address"},
    {"192.175.48.0/24", "a reserved address"},
    {"198.18.0.0/15", "a benchmarking address"},
    {"198.51.100.0/24", "a documentation address"},
    {"203.0.113.0/24", "a documentation address"},
    {"224.0.0.0/4", "a multicast address"},
    {"255.255.255.255/32", "the broadcast address"},
    {"240.0.0.0/4", "a reserved address"},
    {"::/128", "the unspecified address"},
    {"::1/128", "a loopback address"},
    {"::/96", "an IPv4-compatible address"},
    {"64:ff9b::/96", "a NAT64 address"},
    {"64:ff9b:1::/48", "a NAT64 address"},
    {"100::/64", "a discard-only address"},
    {"2001::/32", "a Teredo address"},
    {"2001:2::/48", "a benchmarking address"},
    {"2001:db8::/32", "a documentation address"},
    {"2001::/23", "a reserved address"},
    {"2002::/16", "a 6to4 address"},
    {"3fff::/20", "a documentation address"},
    {"fd00:ec2::254/128", "a cloud's metadata address"},
    {"fc00::/7", "a unique-local address"},
    {"fe80::/10", "a link-local address"},
    {"fec0::/10", "a site-local address"},
    {"ff00::/8", "a multicast address"},
};
// All of IPv6 that is given out to the Internet.
constexpr absl::string_view kGlobalUnicast = "2000::/3";

runtime::IpRange Range(absl::string_view text) { return runtime::IpRange::Parse(text).value(); }

struct RefusedRange {
  runtime::IpRange range;
  absl::string_view kind;
};

const std::vector<RefusedRange>& RefusedRanges() {
  static const auto* const ranges = [] {
    auto* made = new std::vector<RefusedRange>;
    for (const NamedRange& named : kRefused) made->push_back({Range(named.range), named.kind});
    return made;
  }();
  return *ranges;
}

bool IsGlobalUnicast(const runtime::IpAddress& address) {
  static const auto* const range = new runtime::IpRange(Range(kGlobalUnicast));
  return address.is_v4() || range->Contains(address);
}

absl::Status Refusal(const runtime::IpAddress& address, absl::string_view kind,
                     absl::string_view range) {
  return absl::PermissionDeniedError(
      absl::StrCat(address.ToString(), " is ", kind, " (", range,
                   "); an endpoint must have a public address, or one in a range that "
                   "--verifier_allow_private_networks names"));
}

}  // namespace

absl::Status AddressPolicy::Check(const runtime::IpAddress& address) const {
  if (allowed_.Contain(address)) return absl::OkStatus();
  for (const RefusedRange& refused : RefusedRanges()) {
    if (refused.range.Contains(address)) {
      return Refusal(address, refused.kind, refused.range.ToString());
    }
  }
  if (IsGlobalUnicast(address)) return absl::OkStatus();
  return Refusal(address, "a reserved address", absl::StrCat("outside ", kGlobalUnicast));
}

}  // namespace livecounter::verifier
