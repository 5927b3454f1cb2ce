#include "core/history.h"

#include <algorithm>
#include <utility>

namespace livecounter {
namespace {

constexpr absl::Duration kMinute = absl::Minutes(1);

absl::Time FloorTo(absl::Time time, absl::Duration unit) {
  return absl::UnixEpoch() + absl::Floor(time - absl::UnixEpoch(), unit);
}

int64_t Presence(int64_t present, absl::Duration time) {
  return present * absl::ToInt64Microseconds(time);
}

// Whether the point itself shows what is present at its end.
bool ShowsItsEnd(const HistoryPoint& point, absl::Duration length) {
  return point.present_peak == point.present_end &&
         point.presence_us == Presence(point.present_end, length);
}

}  // namespace

absl::Time MinuteOf(absl::Time time) { return FloorTo(time, kMinute); }

absl::Time HourBegin(absl::Time time) { return FloorTo(time, absl::Hours(1)); }

double MeanPresence(const HistoryPoint& point, absl::Duration length) {
  const int64_t micros = absl::ToInt64Microseconds(length);
  if (micros <= 0) return static_cast<double>(point.present_end);
  return static_cast<double>(point.presence_us) / static_cast<double>(micros);
}

absl::Duration LengthOf(HistoryResolution resolution) {
  return resolution == HistoryResolution::kMinute ? kMinute : absl::Hours(1);
}

absl::Duration KeptFor(HistoryResolution resolution) {
  return resolution == HistoryResolution::kMinute ? kMinutesKept : kHoursKept;
}

HistoryValue ValueOf(const HistoryPoint& point, absl::Duration length, absl::Time now) {
  return {.time = point.begin,
          .hits = point.hits,
          .present_peak = point.present_peak,
          .present_mean = MeanPresence(point, std::min(length, now - point.begin))};
}

HistoryRecorder::HistoryRecorder(absl::Time now) : since_(FloorTo(now, absl::Microseconds(1))) {
  Begin(MinuteOf(now));
}

absl::optional<HistoryPoint> HistoryRecorder::Set(absl::optional<int64_t> hits, int64_t present,
                                                  absl::Time now) {
  absl::optional<HistoryPoint> finished = Advance(now);
  if (hits == point_.hits && present == present_) return finished;
  changed_ = true;
  present_ = present;
  point_.hits = hits;
  point_.present_end = present;
  point_.present_peak = std::max(point_.present_peak, present);
  return finished;
}

absl::optional<HistoryPoint> HistoryRecorder::Advance(absl::Time now) {
  now = std::max(since_, FloorTo(now, absl::Microseconds(1)));
  absl::optional<HistoryPoint> finished;
  if (now >= point_.begin + kMinute) {
    Integrate(point_.begin + kMinute);
    if (changed_) finished = point_;
    Begin(MinuteOf(now));
  }
  Integrate(now);
  return finished;
}

absl::optional<HistoryPoint> HistoryRecorder::Open(absl::Time now) const {
  if (!changed_) return absl::nullopt;
  HistoryRecorder until_now = *this;
  until_now.Integrate(std::max(since_, FloorTo(now, absl::Microseconds(1))));
  return until_now.point_;
}

void HistoryRecorder::Integrate(absl::Time now) {
  point_.presence_us += Presence(present_, now - since_);
  since_ = now;
}

void HistoryRecorder::Begin(absl::Time minute) {
  point_ = {.begin = minute,
            .hits = point_.hits,
            .present_begin = present_,
            .present_end = present_,
            .present_peak = present_};
  since_ = std::max(since_, minute);
  // Minutes without a change that were passed over have no point.
  if (since_ > minute) point_.presence_us = Presence(present_, since_ - minute);
  changed_ = false;
}

HistoryPoint Joined(const HistoryPoint& first, const HistoryPoint& second) {
  HistoryPoint joined = second;
  joined.present_begin = first.present_begin;
  joined.present_peak = std::max(first.present_peak, second.present_peak);
  joined.presence_us += first.presence_us;
  return joined;
}

HistoryPoint Thinned(const std::vector<HistoryPoint>& points, absl::Duration length,
                     absl::Time begin, absl::Time end) {
  HistoryPoint thinned{.begin = begin,
                       .hits = points.back().hits,
                       .present_begin = points.front().present_begin,
                       .present_end = points.back().present_end,
                       .present_peak = points.front().present_begin};
  absl::Time at = begin;
  int64_t present = points.front().present_begin;
  for (const HistoryPoint& point : points) {
    thinned.presence_us += Presence(present, point.begin - at) + point.presence_us;
    thinned.present_peak = std::max(thinned.present_peak, point.present_peak);
    present = point.present_end;
    at = std::min(point.begin + length, end);
  }
  thinned.presence_us += Presence(present, end - at);
  return thinned;
}

std::vector<HistoryPoint> WithSettled(const std::vector<HistoryPoint>& points,
                                      absl::Duration length, absl::Time now) {
  std::vector<HistoryPoint> settled;
  for (size_t i = 0; i < points.size(); ++i) {
    const HistoryPoint& point = points[i];
    settled.push_back(point);
    const absl::Time next = point.begin + length;
    const bool is_there = i + 1 < points.size() && points[i + 1].begin <= next;
    if (is_there || next >= now || ShowsItsEnd(point, length)) continue;
    settled.push_back({.begin = next,
                       .hits = point.hits,
                       .present_begin = point.present_end,
                       .present_end = point.present_end,
                       .present_peak = point.present_end,
                       .presence_us = Presence(point.present_end, std::min(length, now - next))});
  }
  return settled;
}

}  // namespace livecounter
