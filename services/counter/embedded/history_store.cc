#include "services/counter/embedded/history_store.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/counter/embedded/counter_shard.h"
#include "services/counter/embedded/encoding.h"

namespace livecounter::counter::embedded {
namespace {

constexpr absl::Duration kHour = absl::Hours(1);
constexpr absl::Duration kDay = absl::Hours(24);
constexpr size_t kMinutesOfAnHour = 60;

using Points = std::map<absl::Time, HistoryPoint>;  // by their begin

absl::Time DayOf(absl::Time time) {
  return absl::UnixEpoch() + absl::Floor(time - absl::UnixEpoch(), kDay);
}

struct StoredPoint {
  HistoryName name;
  HistoryPoint point;
};

absl::StatusOr<StoredPoint> Decode(const StoreEntry& entry) {
  absl::StatusOr<HistoryName> name = DecodeHistoryKey(entry.key);
  if (!name.ok()) return name.status();
  const absl::StatusOr<HistoryPoint> point = DecodePoint(name->begin, entry.value);
  if (!point.ok()) return point.status();
  return StoredPoint{*std::move(name), *point};
}

// The oldest period that `family` has; InfiniteFuture where it is empty.
absl::StatusOr<absl::Time> OldestPeriod(const Store& store, Family family) {
  const auto first = store.Scan(family, "", "", 1);
  if (!first.ok()) return first.status();
  if (first->empty()) return absl::InfiniteFuture();
  const absl::StatusOr<HistoryName> name = DecodeHistoryKey(first->front().key);
  if (!name.ok()) return name.status();
  return name->period;
}

// Points of the counter in the periods (of `length`) from `from` until before `to`.
absl::StatusOr<Points> ReadPeriods(const Store& store, Family family, absl::Duration length,
                                   const CounterId& counter, absl::Time from, absl::Time to) {
  const absl::StatusOr<absl::Time> oldest = OldestPeriod(store, family);
  if (!oldest.ok()) return oldest.status();
  Points points;
  for (absl::Time period = std::max(from, *oldest); period < to; period += length) {
    const auto entries = store.Scan(family, HistoryPrefix(period, counter), "", kMinutesOfAnHour);
    if (!entries.ok()) return entries.status();
    for (const StoreEntry& entry : *entries) {
      const absl::StatusOr<StoredPoint> stored = Decode(entry);
      if (!stored.ok()) return stored.status();
      points[stored->point.begin] = stored->point;
    }
  }
  return points;
}

absl::StatusOr<Points> ReadMinutes(const Store& store, const CounterId& counter,
                                   const std::vector<HistoryPoint>& unwritten, absl::Time from,
                                   absl::Time to) {
  absl::StatusOr<Points> points =
      ReadPeriods(store, Family::kMinutes, kHour, counter, HourBegin(from), to);
  if (!points.ok()) return points;
  for (const HistoryPoint& point : unwritten) {
    if (point.begin >= HourBegin(from) && point.begin < to) {
      points->insert_or_assign(point.begin, point);
    }
  }
  return points;
}

absl::StatusOr<Points> ReadHours(const Store& store, const CounterId& counter,
                                 const std::vector<HistoryPoint>& unwritten, absl::Time from,
                                 absl::Time to, absl::Time now) {
  absl::StatusOr<Points> hours = ReadPeriods(store, Family::kHours, kDay, counter, DayOf(from), to);
  if (!hours.ok()) return hours;
  const absl::StatusOr<Points> minutes = ReadMinutes(store, counter, unwritten, from, to);
  if (!minutes.ok()) return minutes.status();
  std::map<absl::Time, std::vector<HistoryPoint>> by_hour;
  for (const auto& [begin, minute] : *minutes) by_hour[HourBegin(begin)].push_back(minute);
  for (const auto& [hour, points] : by_hour) {
    (*hours)[hour] = Thinned(points, absl::Minutes(1), hour, std::min(hour + kHour, now));
  }
  return hours;
}

absl::Status DeleteEntries(Family family, const std::string& prefix, size_t limit,
                           Transaction& transaction, size_t* deleted) {
  auto entries = transaction.Scan(family, prefix, limit - std::min(limit, *deleted));
  if (!entries.ok()) return entries.status();
  *deleted += entries->size();
  for (StoreEntry& entry : *entries) transaction.Delete(family, std::move(entry.key));
  return absl::OkStatus();
}

// Deletes up to `limit` points of `family` in all its periods that begin with what `prefix_of` says.
template <typename PrefixOf>
absl::Status DeletePeriods(Family family, absl::Duration length, PrefixOf prefix_of, size_t limit,
                           Transaction& transaction, size_t* deleted) {
  const absl::StatusOr<absl::Time> oldest = OldestPeriod(transaction.store(), family);
  if (!oldest.ok()) return oldest.status();
  for (absl::Time period = *oldest; period <= transaction.now() && *deleted < limit;
       period += length) {
    absl::Status status = DeleteEntries(family, prefix_of(period), limit, transaction, deleted);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

template <typename PrefixOf>
absl::StatusOr<bool> DeletePoints(PrefixOf prefix_of, size_t limit, Transaction& transaction) {
  size_t deleted = 0;
  absl::Status status =
      DeletePeriods(Family::kMinutes, kHour, prefix_of, limit, transaction, &deleted);
  if (!status.ok()) return status;
  status = DeletePeriods(Family::kHours, kDay, prefix_of, limit, transaction, &deleted);
  if (!status.ok()) return status;
  return deleted == limit;
}

// One counter's minutes of one hour become one point.
void Thin(const std::vector<StoredPoint>& minutes, Transaction& transaction) {
  if (minutes.empty()) return;
  const HistoryName& first = minutes.front().name;
  std::vector<HistoryPoint> points;
  for (const StoredPoint& minute : minutes) {
    points.push_back(minute.point);
    transaction.Delete(Family::kMinutes,
                       HistoryKey(first.period, first.counter, minute.name.begin));
  }
  const HistoryPoint hour = Thinned(points, absl::Minutes(1), first.period, first.period + kHour);
  transaction.Put(Family::kHours, HistoryKey(DayOf(first.period), first.counter, first.period),
                  EncodePoint(hour));
}

absl::StatusOr<bool> ThinMinutes(size_t limit, Transaction& transaction) {
  // More than a counter can have in an hour: so one is whole in any case.
  const size_t slice = std::max(limit, 2 * kMinutesOfAnHour);
  const auto entries = transaction.Scan(Family::kMinutes, "", slice);
  if (!entries.ok()) return entries.status();
  std::vector<StoredPoint> group;
  for (const StoreEntry& entry : *entries) {
    absl::StatusOr<StoredPoint> stored = Decode(entry);
    if (!stored.ok()) return stored.status();
    if (stored->name.period + kHour + kMinutesKept > transaction.now()) {
      Thin(group, transaction);
      return false;
    }
    const bool same = group.empty() || (group.front().name.period == stored->name.period &&
                                        group.front().name.counter == stored->name.counter);
    if (!same) {
      Thin(group, transaction);
      group.clear();
    }
    group.push_back(*std::move(stored));
  }
  if (entries->size() == slice) return true;  // the last group may not be whole
  Thin(group, transaction);
  return false;
}

absl::StatusOr<bool> DropHours(size_t limit, Transaction& transaction) {
  auto entries = transaction.Scan(Family::kHours, "", limit);
  if (!entries.ok()) return entries.status();
  for (StoreEntry& entry : *entries) {
    const absl::StatusOr<HistoryName> name = DecodeHistoryKey(entry.key);
    if (!name.ok()) return name.status();
    if (name->period + kDay + kHoursKept > transaction.now()) return false;
    transaction.Delete(Family::kHours, std::move(entry.key));
  }
  return entries->size() == limit;
}

}  // namespace

absl::Status FillHits(const Store& store, const CounterId& counter, HistoryPoint* point) {
  if (point->hits) return absl::OkStatus();
  const auto stored = ReadStoredCounter(store, counter);
  if (!stored.ok()) return stored.status();
  if (*stored) point->hits = (*stored)->hits;
  return absl::OkStatus();
}

absl::Status PutMinute(const CounterPoint& of, Transaction& transaction) {
  const absl::Time hour = HourBegin(of.point.begin);
  const std::string key = HistoryKey(hour, of.counter, of.point.begin);
  const auto before = transaction.Get(Family::kMinutes, key);
  if (!before.ok()) return before.status();
  HistoryPoint point = of.point;
  absl::Status filled = FillHits(transaction.store(), of.counter, &point);
  if (!filled.ok()) return filled;
  if (*before) {
    const absl::StatusOr<HistoryPoint> first = DecodePoint(point.begin, **before);
    if (!first.ok()) return first.status();
    point = Joined(*first, point);
  }
  transaction.Put(Family::kMinutes, key, EncodePoint(point));
  transaction.Put(Family::kHistories, CounterKey(of.counter),
                  EncodeNumber(static_cast<uint64_t>(absl::ToUnixSeconds(hour))));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<HistoryValue>> ReadHistory(const Store& store, const CounterId& counter,
                                                      const std::vector<HistoryPoint>& unwritten,
                                                      HistoryResolution resolution, absl::Time from,
                                                      absl::Time to, absl::Time now) {
  const absl::Duration length = LengthOf(resolution);
  from = std::max(from, now - KeptFor(resolution));
  to = std::min(to, now + absl::Minutes(1));
  // One point earlier: it may be followed by one that shows its end.
  const absl::Time first = from - length;
  const absl::StatusOr<Points> points = resolution == HistoryResolution::kMinute
                                            ? ReadMinutes(store, counter, unwritten, first, to)
                                            : ReadHours(store, counter, unwritten, first, to, now);
  if (!points.ok()) return points.status();
  std::vector<HistoryPoint> in_order;
  for (const auto& [begin, point] : *points) in_order.push_back(point);
  std::vector<HistoryValue> values;
  for (const HistoryPoint& point : WithSettled(in_order, length, now)) {
    if (point.begin + length <= from || point.begin >= to) continue;
    values.push_back(ValueOf(point, length, now));
  }
  return values;
}

absl::StatusOr<std::vector<std::string>> StoredHistoriesAfter(const Store& store,
                                                              const std::string& product,
                                                              const std::string& after,
                                                              size_t limit, absl::Time now) {
  const std::string prefix = ProductPrefix(product);
  std::string from = absl::StrCat(prefix, after, absl::string_view("\0", 1));
  std::vector<std::string> ids;
  while (ids.size() < limit) {
    const size_t wanted = limit - ids.size();
    const auto entries = store.Scan(Family::kHistories, prefix, from, wanted);
    if (!entries.ok()) return entries.status();
    for (const StoreEntry& entry : *entries) {
      const absl::StatusOr<uint64_t> hour = DecodeNumber(entry.value);
      if (!hour.ok()) return hour.status();
      from = absl::StrCat(entry.key, absl::string_view("\0", 1));
      const absl::Time end = absl::FromUnixSeconds(static_cast<int64_t>(*hour)) + kHour;
      if (end + kHoursKept > now) ids.push_back(entry.key.substr(prefix.size()));
    }
    if (entries->size() < wanted) break;
  }
  return ids;
}

absl::Status DeleteHistory(const CounterId& counter, Transaction& transaction) {
  const auto known = transaction.Get(Family::kHistories, CounterKey(counter));
  if (!known.ok()) return known.status();
  if (!*known) return absl::OkStatus();
  transaction.Delete(Family::kHistories, CounterKey(counter));
  const auto prefix = [&](absl::Time period) { return HistoryPrefix(period, counter); };
  constexpr size_t kMost = kMinutesOfAnHour * 24 * 91;
  return DeletePoints(prefix, kMost, transaction).status();
}

absl::StatusOr<bool> DeleteHistories(const std::string& product, size_t limit,
                                     Transaction& transaction) {
  size_t deleted = 0;
  absl::Status status =
      DeleteEntries(Family::kHistories, ProductPrefix(product), limit, transaction, &deleted);
  if (!status.ok()) return status;
  const auto prefix = [&](absl::Time period) {
    return HistoryPrefix(period, absl::string_view(product));
  };
  const absl::StatusOr<bool> more = DeletePoints(prefix, limit, transaction);
  if (!more.ok()) return more.status();
  return *more || deleted == limit;
}

absl::StatusOr<bool> ThinHistory(size_t limit, Transaction& transaction) {
  const absl::StatusOr<bool> minutes = ThinMinutes(limit, transaction);
  if (!minutes.ok()) return minutes.status();
  const absl::StatusOr<bool> hours = DropHours(limit, transaction);
  if (!hours.ok()) return hours.status();
  return *minutes || *hours;
}

}  // namespace livecounter::counter::embedded
