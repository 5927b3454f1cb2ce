#include "services/runtime/ip_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace livecounter::runtime {
namespace {

constexpr int kBits = 128;
constexpr int kSiteBits = 64;
constexpr std::array<uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr int kMappedBits = 96;

// No prefix is longer, no leading zeros or signs.
absl::optional<int> ParsePrefixLength(absl::string_view text) {
  int bits = 0;
  if (text.empty() || text.size() > 3 ||
      !std::all_of(text.begin(), text.end(), absl::ascii_isdigit) ||
      !absl::SimpleAtoi(text, &bits)) {
    return absl::nullopt;
  }
  return bits;
}

}  // namespace

absl::optional<IpAddress> IpAddress::Parse(absl::string_view text) {
  const std::string terminated(text);
  if (terminated.find('\0') != std::string::npos) return absl::nullopt;
  IpAddress address;
  std::copy(kMapped.begin(), kMapped.end(), address.bytes_.begin());
  if (inet_pton(AF_INET, terminated.c_str(), address.bytes_.data() + kMapped.size()) == 1) {
    return address;
  }
  if (inet_pton(AF_INET6, terminated.c_str(), address.bytes_.data()) == 1) return address;
  return absl::nullopt;
}

absl::optional<IpAddress> IpAddress::FromSocketAddress(const sockaddr& address) {
  IpAddress found;
  if (address.sa_family == AF_INET) {
    std::copy(kMapped.begin(), kMapped.end(), found.bytes_.begin());
    std::memcpy(found.bytes_.data() + kMapped.size(),
                &reinterpret_cast<const sockaddr_in&>(address).sin_addr, sizeof(in_addr));
    return found;
  }
  if (address.sa_family != AF_INET6) return absl::nullopt;
  std::memcpy(found.bytes_.data(), &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr,
              found.bytes_.size());
  return found;
}

bool IpAddress::is_v4() const { return std::equal(kMapped.begin(), kMapped.end(), bytes_.begin()); }

IpAddress IpAddress::Site() const { return is_v4() ? *this : Prefix(kSiteBits); }

std::string IpAddress::ToString() const {
  char text[INET6_ADDRSTRLEN] = "";
  const bool v4 = is_v4();
  inet_ntop(v4 ? AF_INET : AF_INET6, bytes_.data() + (v4 ? kMapped.size() : 0), text, sizeof(text));
  return text;
}

IpAddress IpAddress::Prefix(int bits) const {
  IpAddress prefix = *this;
  for (int i = 0; i < static_cast<int>(bytes_.size()); ++i) {
    const int kept = std::clamp(bits - 8 * i, 0, 8);
    prefix.bytes_[i] &= static_cast<uint8_t>(0xff << (8 - kept));
  }
  return prefix;
}

absl::StatusOr<IpRange> IpRange::Parse(absl::string_view text) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits('/', 1));
  const absl::optional<IpAddress> address = IpAddress::Parse(parts.first);
  if (!address) return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is no IP address"));
  if (!absl::StrContains(text, '/')) return IpRange(*address, kBits);
  // A mapped address is counted as it is written.
  const bool is_written_v4 = !absl::StrContains(parts.first, ':');
  const int skipped = is_written_v4 ? kMappedBits : 0;
  const absl::optional<int> bits = ParsePrefixLength(parts.second);
  if (!bits || *bits > kBits - skipped) {
    return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" needs a prefix length of 0 to ",
                                                   kBits - skipped, " after its slash"));
  }
  return IpRange(*address, skipped + *bits);
}

bool IpRange::Contains(const IpAddress& address) const {
  if (address.is_v4() && bits_ < kMappedBits) return false;
  return address.Prefix(bits_) == first_;
}

std::string IpRange::ToString() const {
  const bool v4 = bits_ >= kMappedBits && first_.is_v4();
  return absl::StrCat(first_.ToString(), "/", v4 ? bits_ - kMappedBits : bits_);
}

bool IpRanges::Contain(const IpAddress& address) const {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const IpRange& range) { return range.Contains(address); });
}

bool AbslParseFlag(absl::string_view text, IpRanges* ranges, std::string* error) {
  std::vector<IpRange> parsed;
  for (absl::string_view item : absl::StrSplit(text, ',', absl::SkipWhitespace())) {
    const absl::StatusOr<IpRange> range = IpRange::Parse(absl::StripAsciiWhitespace(item));
    if (!range.ok()) {
      *error = absl::StrCat("IP ranges with commas between, as 10.0.0.0/8,2001:db8::/32; ",
                            range.status().message());
      return false;
    }
    parsed.push_back(*range);
  }
  ranges->ranges = std::move(parsed);
  return true;
}

std::string AbslUnparseFlag(const IpRanges& ranges) {
  return absl::StrJoin(ranges.ranges, ",", [](std::string* out, const IpRange& range) {
    absl::StrAppend(out, range.ToString());
  });
}

}  // namespace livecounter::runtime
