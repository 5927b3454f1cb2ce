// Times and durations as people write and read them. Pure; any thread.

#ifndef LIVECOUNTER_CLI_TIMES_H_
#define LIVECOUNTER_CLI_TIMES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace livecounter::cli {

inline constexpr absl::string_view kTimeTakes =
    "a time such as 2026-11-22T10:00:00Z, a day 2026-11-22 (from its start in UTC), or how long "
    "ago: 90m, 24h, 7d";

// Reads what kTimeTakes says; a number of days, hours … is counted back from `now`.
absl::optional<absl::Time> ParseTime(absl::string_view text, absl::Time now);
bool IsTime(absl::string_view text);

// The first moment of a month of UTC written "2026-11", and of the one after it.
struct Month {
  absl::Time begin;
  absl::Time end;
};
absl::optional<Month> ParseMonth(absl::string_view text);
// "2026-11", in UTC.
std::string MonthOf(absl::Time time);

// "2026-11-22 10:00:03 CET".
std::string AbsoluteTime(absl::Time time, absl::TimeZone zone);
// "just now", "5 min ago", "3 h ago", "12 d ago", "in 30 d"; beyond a year the day, "2024-02-29".
std::string RelativeTime(absl::Time time, absl::Time now);
// "2026-11-22 10:00:03 UTC (3 h ago)".
std::string FullTime(absl::Time time, absl::Time now, absl::TimeZone zone);

// "100 ms", "1.5 s", "2 min": two or three digits that matter.
std::string ShortDuration(absl::Duration duration);

}  // namespace livecounter::cli

#endif  // LIVECOUNTER_CLI_TIMES_H_
