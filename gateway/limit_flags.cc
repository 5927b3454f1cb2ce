#include "gateway/limit_flags.h"

#include <cstdint>

#include "absl/flags/flag.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"

ABSL_FLAG(
    livecounter::runtime::IpRanges, trusted_proxies, {},
    "The proxies in front. A request that comes from one of these counts for the rightmost hop "
    "of its X-Forwarded-For that is none of them.");
ABSL_FLAG(int64_t, max_connections_per_ip, 0,
          "How many streams an address may have open at this gateway; 0 for any number. The "
          "addresses of one IPv6 /64 count together, here and below.");
ABSL_FLAG(
    double, max_hits_per_second_per_ip, 0,
    "How many hits a second an address may send to this gateway over time; 0 for any number.");
ABSL_FLAG(int, max_hits_burst_per_ip, 0,
          "How many of them may come at once; 0 for those of one second, at least 1.");
ABSL_FLAG(double, max_hits_per_second, 0,
          "How many hits a second this gateway takes for a product over time; 0 for any number.");
ABSL_FLAG(int, max_hits_burst, 0,
          "How many of them may come at once; 0 for those of one second, at least 1.");

namespace livecounter::gateway {
namespace {

constexpr double kMinRate = 0.001;
constexpr double kMaxRate = 1'000'000;

runtime::FlagSpec RateFlag(const absl::Flag<double>& flag) {
  return runtime::OwnFlag(flag, {.takes = "0, or 0.001 to 1000000", .valid = [](double rate) {
                                   return rate == 0 || (rate >= kMinRate && rate <= kMaxRate);
                                 }});
}

runtime::FlagSpec BurstFlag(const absl::Flag<int>& flag) {
  return runtime::OwnFlag(flag, {.takes = "0 to 1000000", .valid = [](int burst) {
                                   return burst >= 0 && burst <= kMaxRate;
                                 }});
}

// Nothing where there is no limit.
absl::optional<TokenBucket::Rate> RateOf(double per_second, int burst) {
  if (per_second == 0) return absl::nullopt;
  TokenBucket::Rate rate = TokenBucket::PerSecond(per_second);
  if (burst > 0) rate.burst = burst;
  return rate;
}

}  // namespace

runtime::FlagGroup LimitFlags() {
  return {"Limits",
          {runtime::OwnFlag(FLAGS_trusted_proxies,
                            {.takes = "IP ranges with commas between, as 10.0.0.0/8,2001:db8::/32, "
                                      "or nothing for none"}),
           runtime::OwnFlag(FLAGS_max_connections_per_ip,
                            {.takes = "0 or more", .valid = [](int64_t n) { return n >= 0; }}),
           RateFlag(FLAGS_max_hits_per_second_per_ip), BurstFlag(FLAGS_max_hits_burst_per_ip),
           RateFlag(FLAGS_max_hits_per_second), BurstFlag(FLAGS_max_hits_burst)}};
}

ClientLimits::Options ClientLimitsFromFlags() {
  ClientLimits::Options options;
  options.trusted_proxies = absl::GetFlag(FLAGS_trusted_proxies);
  options.max_connections_per_ip = absl::GetFlag(FLAGS_max_connections_per_ip);
  options.hits_per_ip = RateOf(absl::GetFlag(FLAGS_max_hits_per_second_per_ip),
                               absl::GetFlag(FLAGS_max_hits_burst_per_ip));
  options.hits_per_product =
      RateOf(absl::GetFlag(FLAGS_max_hits_per_second), absl::GetFlag(FLAGS_max_hits_burst));
  return options;
}

}  // namespace livecounter::gateway
