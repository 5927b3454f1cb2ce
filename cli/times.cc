#include "cli/times.h"

#include <cstdint>
#include <cstdlib>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"

namespace livecounter::cli {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);

absl::optional<absl::Duration> ParseAge(absl::string_view text) {
  int64_t days = 0;
  if (absl::ConsumeSuffix(&text, "d")) {
    if (!absl::SimpleAtoi(text, &days) || days < 0 || days > 36'500) return absl::nullopt;
    return days * kDay;
  }
  absl::Duration age;
  if (!absl::ParseDuration(text, &age) || age < absl::ZeroDuration() ||
      age == absl::InfiniteDuration()) {
    return absl::nullopt;
  }
  return age;
}

// "3 h": the largest unit of which there is at least one.
std::string Age(absl::Duration age) {
  if (age >= kDay) return absl::StrCat(age / kDay, " d");
  if (age >= absl::Hours(1)) return absl::StrCat(age / absl::Hours(1), " h");
  if (age >= absl::Minutes(1)) return absl::StrCat(age / absl::Minutes(1), " min");
  return absl::StrCat(age / absl::Seconds(1), " s");
}

}  // namespace

absl::optional<absl::Time> ParseTime(absl::string_view text, absl::Time now) {
  absl::Time time;
  std::string error;
  if (absl::ParseTime("%Y-%m-%d", text, &time, &error) ||
      absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
    return time;
  }
  if (const absl::optional<absl::Duration> age = ParseAge(text)) return now - *age;
  return absl::nullopt;
}

bool IsTime(absl::string_view text) { return ParseTime(text, absl::UnixEpoch()).has_value(); }

absl::optional<Month> ParseMonth(absl::string_view text) {
  absl::CivilMonth month;
  if (text.size() != 7 || !absl::ParseCivilTime(text, &month)) return absl::nullopt;
  return Month{absl::FromCivil(month, absl::UTCTimeZone()),
               absl::FromCivil(month + 1, absl::UTCTimeZone())};
}

std::string MonthOf(absl::Time time) {
  return absl::FormatTime("%Y-%m", time, absl::UTCTimeZone());
}

std::string AbsoluteTime(absl::Time time, absl::TimeZone zone) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S %Z", time, zone);
}

std::string RelativeTime(absl::Time time, absl::Time now) {
  const absl::Duration year = 365 * kDay;
  const absl::Duration age = now - time;
  if (absl::AbsDuration(age) >= year) {
    return absl::FormatTime("%Y-%m-%d", time, absl::UTCTimeZone());
  }
  if (absl::AbsDuration(age) < absl::Seconds(2)) return "just now";
  return age > absl::ZeroDuration() ? absl::StrCat(Age(age), " ago")
                                    : absl::StrCat("in ", Age(-age));
}

std::string FullTime(absl::Time time, absl::Time now, absl::TimeZone zone) {
  return absl::StrCat(AbsoluteTime(time, zone), " (", RelativeTime(time, now), ")");
}

std::string ShortDuration(absl::Duration duration) {
  const double seconds = absl::ToDoubleSeconds(duration);
  if (seconds >= 120) return absl::StrFormat("%.3g min", seconds / 60);
  if (seconds >= 1) return absl::StrFormat("%.3g s", seconds);
  if (seconds >= 0.001 || seconds == 0) return absl::StrFormat("%.3g ms", seconds * 1e3);
  return absl::StrFormat("%.3g µs", seconds * 1e6);
}

}  // namespace livecounter::cli
