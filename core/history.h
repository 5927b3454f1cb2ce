// How a counter went: one point for each minute in which something changed, made into one for each hour
// later (contract §5). Pure: changes and `now` go in, finished points come out.
//
// A point knows the presence at its begin and its end, so that time without a point is known too: it is
// as at the end of the point before. The mean is by time and exact: an integral over whole microseconds.

#ifndef LIVECOUNTER_CORE_HISTORY_H_
#define LIVECOUNTER_CORE_HISTORY_H_

#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace livecounter {

// How long points are kept.
inline constexpr absl::Duration kMinutesKept = absl::Hours(24);
inline constexpr absl::Duration kHoursKept = absl::Hours(24 * 90);

// One minute or hour of one counter.
struct HistoryPoint {
  absl::Time begin = {};
  // The total of hits at its end; nothing: there was no hit counter.
  absl::optional<int64_t> hits = {};
  int64_t present_begin = 0;
  int64_t present_end = 0;
  int64_t present_peak = 0;
  // Presence over time: 2 for 3 s are 6,000,000.
  int64_t presence_us = 0;

  friend bool operator==(const HistoryPoint&, const HistoryPoint&) = default;
};

// The begin of the minute, or hour, that holds `time`.
absl::Time MinuteOf(absl::Time time);
absl::Time HourBegin(absl::Time time);

// The mean of presence over a point that lasted for `length`, or has so far.
double MeanPresence(const HistoryPoint& point, absl::Duration length);

enum class HistoryResolution { kMinute, kHour };

// How long one point is, and how long it is kept.
absl::Duration LengthOf(HistoryResolution resolution);
absl::Duration KeptFor(HistoryResolution resolution);

// A point as it is shown.
struct HistoryValue {
  absl::Time time;
  absl::optional<int64_t> hits;
  int64_t present_peak = 0;
  double present_mean = 0;

  friend bool operator==(const HistoryValue&, const HistoryValue&) = default;
};

// `point` of `length`, or, where that is less, as it is `now`.
HistoryValue ValueOf(const HistoryPoint& point, absl::Duration length, absl::Time now);

// What makes the points of one counter's minutes. Time that goes back stands still here.
class HistoryRecorder {
 public:
  // The counter stood at nothing before `now`.
  explicit HistoryRecorder(absl::Time now);

  // From `now` on the counter stands at these. A point comes back for the minute before where
  // something changed in it.
  absl::optional<HistoryPoint> Set(absl::optional<int64_t> hits, int64_t present, absl::Time now);
  // Likewise, where nothing changes.
  absl::optional<HistoryPoint> Advance(absl::Time now);

  // The point of the minute that `now` is in, up to now; nothing where nothing has changed in it.
  // Precondition: Advance(now).
  absl::optional<HistoryPoint> Open(absl::Time now) const;

  // Nothing has changed in this minute and nobody is present: it can be made anew when it is needed.
  bool idle() const { return !changed_ && present_ == 0; }

 private:
  // Counts presence until `now`, which is in the open minute.
  void Integrate(absl::Time now);
  void Begin(absl::Time minute);

  HistoryPoint point_;  // of the open minute, up to `since_`
  absl::Time since_;
  int64_t present_ = 0;
  bool changed_ = false;
};

// Two points of the same time, one after the other: a process wrote the first, and the next one the second.
HistoryPoint Joined(const HistoryPoint& first, const HistoryPoint& second);

// The point from `begin` to `end` (its end, or now) out of shorter ones of `length` each, at least one, in
// their order and all within it.
HistoryPoint Thinned(const std::vector<HistoryPoint>& points, absl::Duration length,
                     absl::Time begin, absl::Time end);

// `points` in their order, each of `length`; and after each that shows another presence than at its end,
// where the next is missing, one that shows that: so that whoever sees none knows what was. None of
// those begins at `now` or later.
std::vector<HistoryPoint> WithSettled(const std::vector<HistoryPoint>& points,
                                      absl::Duration length, absl::Time now);

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_HISTORY_H_
