#include "services/counter/embedded/history_table.h"

#include <utility>

namespace livecounter::counter::embedded {
namespace {

// A disk that takes nothing for longer than this loses the oldest points.
constexpr size_t kMostFinished = 60;

void Keep(absl::optional<HistoryPoint> point, std::vector<HistoryPoint>* finished) {
  if (!point) return;
  if (finished->size() == kMostFinished) finished->erase(finished->begin());
  finished->push_back(*std::move(point));
}

}  // namespace

void HistoryTable::Set(const Change& change, absl::Time now) {
  Counter& counter = counters_.try_emplace(change.counter, now).first->second;
  Keep(counter.recorder.Set(change.hits, change.present, now), &counter.finished);
}

void HistoryTable::Advance(absl::Time now) {
  for (auto at = counters_.begin(); at != counters_.end();) {
    Counter& counter = at->second;
    Keep(counter.recorder.Advance(now), &counter.finished);
    at = counter.recorder.idle() && counter.finished.empty() ? counters_.erase(at) : std::next(at);
  }
}

std::vector<CounterPoint> HistoryTable::Finished(absl::Time now) {
  Advance(now);
  std::vector<CounterPoint> points;
  for (const auto& [id, counter] : counters_) {
    for (const HistoryPoint& point : counter.finished) points.push_back({id, point});
  }
  return points;
}

std::vector<CounterPoint> HistoryTable::All(absl::Time now) {
  std::vector<CounterPoint> points = Finished(now);
  for (const auto& [id, counter] : counters_) {
    if (const auto open = counter.recorder.Open(now)) points.push_back({id, *open});
  }
  return points;
}

void HistoryTable::Written(const std::vector<CounterPoint>& points) {
  for (const auto& [id, point] : points) {
    const auto found = counters_.find(id);
    if (found == counters_.end()) continue;
    std::vector<HistoryPoint>& finished = found->second.finished;
    if (!finished.empty() && finished.front().begin == point.begin) {
      finished.erase(finished.begin());
    }
    if (finished.empty() && found->second.recorder.idle()) counters_.erase(found);
  }
}

std::vector<HistoryPoint> HistoryTable::Points(const CounterId& counter, absl::Time now) const {
  std::vector<HistoryPoint> points;
  const auto found = counters_.find(counter);
  if (found == counters_.end()) return points;
  points = found->second.finished;
  HistoryRecorder recorder = found->second.recorder;
  Keep(recorder.Advance(now), &points);
  if (const auto open = recorder.Open(now)) points.push_back(*open);
  return points;
}

std::vector<std::string> HistoryTable::IdsAfter(const std::string& product,
                                                const std::string& after, size_t limit) const {
  std::vector<std::string> ids;
  for (auto at = counters_.upper_bound(CounterId{product, after});
       at != counters_.end() && at->first.product == product && ids.size() < limit; ++at) {
    ids.push_back(at->first.id);
  }
  return ids;
}

void HistoryTable::ForgetProduct(const std::string& product) {
  auto at = counters_.lower_bound(CounterId{product, ""});
  while (at != counters_.end() && at->first.product == product) at = counters_.erase(at);
}

}  // namespace livecounter::counter::embedded
