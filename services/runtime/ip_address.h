// IP addresses and ranges of them, as values. Pure; any thread.

#ifndef LIVECOUNTER_SERVICES_RUNTIME_IP_ADDRESS_H_
#define LIVECOUNTER_SERVICES_RUNTIME_IP_ADDRESS_H_

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

struct sockaddr;

namespace livecounter::runtime {

// An IPv4 or IPv6 address. IPv4 mapped into IPv6 (::ffff:1.2.3.4) is the IPv4 address.
class IpAddress {
 public:
  // "::".
  IpAddress() = default;
  // "1.2.3.4" or "2001:db8::1": numeric, without brackets, port or zone. Nothing for anything else.
  static absl::optional<IpAddress> Parse(absl::string_view text);
  // The address of a socket; nothing for other families than AF_INET and AF_INET6.
  static absl::optional<IpAddress> FromSocketAddress(const sockaddr& address);

  bool is_v4() const;
  // Where one client may be told from others: an IPv4 address itself; of IPv6, whose clients choose the
  // lower half at will, the /64.
  IpAddress Site() const;
  std::string ToString() const;

  friend bool operator==(const IpAddress& a, const IpAddress& b) { return a.bytes_ == b.bytes_; }
  friend bool operator!=(const IpAddress& a, const IpAddress& b) { return !(a == b); }
  template <typename H>
  friend H AbslHashValue(H h, const IpAddress& address) {
    return H::combine(std::move(h), address.bytes_);
  }

 private:
  friend class IpRange;

  // The first `bits` bits; the rest zero.
  IpAddress Prefix(int bits) const;

  std::array<uint8_t, 16> bytes_{};  // IPv4 as ::ffff:1.2.3.4
};

// The addresses that begin with the same bits.
class IpRange {
 public:
  // "10.0.0.0/8", "2001:db8::/32", or an address alone for a range of one. Bits of the address after the
  // prefix do not matter. InvalidArgument says what is wrong.
  static absl::StatusOr<IpRange> Parse(absl::string_view text);

  // An IPv6 range holds no IPv4 address, not even "::/0".
  bool Contains(const IpAddress& address) const;
  // "10.0.0.0/8", always with a prefix.
  std::string ToString() const;

 private:
  IpRange(const IpAddress& address, int bits) : first_(address.Prefix(bits)), bits_(bits) {}

  IpAddress first_;
  int bits_;  // of the IPv6 form
};

// A list of ranges, as a flag: "10.0.0.0/8,2001:db8::/32", or nothing.
struct IpRanges {
  std::vector<IpRange> ranges = {};

  bool Contain(const IpAddress& address) const;
};
bool AbslParseFlag(absl::string_view text, IpRanges* ranges, std::string* error);
std::string AbslUnparseFlag(const IpRanges& ranges);

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_IP_ADDRESS_H_
