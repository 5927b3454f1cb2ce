// What the replica does with products' connections: usage goes to the engine, open ones are summed up.

#include <utility>

#include "services/counter/replica.h"

namespace livecounter::counter {

void Replica::CountUsage(StreamId id, HolderId sender, const UsageBatch& batch) {
  engine_.AddUsage(batch.holder.value_or(sender), batch,
                   [this, id, batch](const absl::Status& status) {
                     post_([this, id, batch, status] { OnUsageCounted(id, batch, status); });
                   });
}

void Replica::OnUsageCounted(StreamId id, const UsageBatch& batch, const absl::Status& status) {
  for (const UsageEntry& entry : batch.entries) {
    if (status.ok()) {
      metrics_.usage_connections().Increment(static_cast<double>(entry.connections));
    }
  }
  const auto it = streams_.find(id);
  if (it == streams_.end()) return;
  if (status.ok()) {
    it->second.outlet.AddUsageCounted(batch.number);
    Answered(id, it->second);
  } else {
    metrics_.usage_refused().Increment();
    logger_.Warning("usage_not_counted", {{"number", batch.number}, {"error", status}});
    it->second.uncounted.push_back(batch);
  }
}

void Replica::RetryUsage() {
  for (auto& [id, stream] : streams_) {
    for (const UsageBatch& batch : std::exchange(stream.uncounted, {})) {
      CountUsage(id, stream.holder, batch);
    }
  }
}

absl::Time Replica::TellTotals(absl::Time now) {
  if (totals_.waiting().empty()) return absl::InfiniteFuture();
  if (now < next_totals_) return next_totals_;
  next_totals_ = now + options_.totals_interval;
  const std::vector<HolderId> waiting(totals_.waiting().begin(), totals_.waiting().end());
  for (const HolderId holder : waiting) {
    const StreamId id = attached_.at(holder);
    Stream* stream = Find(id);
    // What it has not taken yet is not overtaken: the rest waits, and is the newest then.
    if (stream == nullptr || stream->outlet.has_totals()) continue;
    stream->outlet.AddTotals(totals_.Take(holder, options_.outlet.max_frame_entries));
    dirty_.insert(id);
  }
  return totals_.waiting().empty() ? absl::InfiniteFuture() : next_totals_;
}

}  // namespace livecounter::counter
