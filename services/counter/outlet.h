// What one stream is still to be told, and when (design §4): one write at a time, and what gathers
// meanwhile goes together next. Answers go at once. A lone change goes at once too; under load
// changes go once a batch interval, so that the cost of a message is shared by many.

#ifndef LIVECOUNTER_SERVICES_COUNTER_OUTLET_H_
#define LIVECOUNTER_SERVICES_COUNTER_OUTLET_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "core/session.h"
#include "services/counter/replica_stream.h"

namespace livecounter::counter {

// Not thread-safe: it belongs to the replica's loop.
class Outlet {
 public:
  struct Options {
    absl::Duration batch = absl::Milliseconds(5);  // changes alone: at most one frame in this time
    absl::Duration write_limit = absl::Seconds(30);  // a write that takes longer breaks the stream
    // Changes, answers and totals of one frame. With the longest ids (2,048 bytes, and 148 of the product)
    // and 100 bytes for the rest of each, a frame stays below gRPC's limit on messages, 4 MiB.
    size_t max_frame_entries = 1'500;
  };
  // Gives up to `limit` of the changes that wait for the stream.
  using TakeChanges = absl::FunctionRef<std::vector<Change>(size_t limit)>;

  // `stream` outlives the outlet.
  Outlet(Options options, ReplicaStream& stream, absl::Time now)
      : options_(options), stream_(stream), sent_at_(now) {}

  // To be written by the next Pump().
  void Add(const Welcome& welcome) { welcome_ = welcome; }
  void Add(HitAnswer answer) { answers_.push_back(std::move(answer)); }
  void Add(HitOutcome outcome) { outcomes_.push_back(std::move(outcome)); }
  void WantResend() { resend_wanted_ = true; }
  void AddUsageCounted(uint64_t number) { usage_counted_ = number; }
  // Precondition: !has_totals().
  void AddTotals(std::vector<ProductConnections> totals) { totals_ = std::move(totals); }
  // Some wait to be written.
  bool has_totals() const { return !totals_.empty(); }

  // The stream ends with `status`: with OK after the answers that are here, else as soon as no
  // write is under way. The first call counts.
  void End(absl::Status status);

  // Writes what is due. `has_changes`: TakeChanges would give some. Returns when changes that were
  // held back for their batch are due; InfiniteFuture when there are none, or a write is under way.
  // Changes are not held back right after an answer: the one that shows an answered hit may come a
  // moment later, and the holder waits for it.
  absl::Time Pump(absl::Time now, bool has_changes, TakeChanges take);

  // The write is done.
  void OnWritten() { writing_ = false; }

  // Writes an empty frame when nothing was written for `silence`.
  void KeepAlive(absl::Duration silence, absl::Time now);
  // Breaks the stream when it has taken nothing for the write limit.
  void BreakIfStuck(absl::Time now);

  // Something waits for the write that is under way. As of the last Pump().
  bool held_up() const { return writing_ && held_up_; }

  bool ending() const { return end_.has_value(); }
  bool finished() const { return finished_; }

 private:
  bool HasAnswers() const {
    return !answers_.empty() || !outcomes_.empty() || resend_wanted_ || usage_counted_ != 0 ||
           has_totals();
  }
  ReceiverFrame TakeAnswers();
  void Write(ReceiverFrame frame, absl::Time now);

  const Options options_;
  ReplicaStream& stream_;
  absl::optional<Welcome> welcome_;
  std::vector<HitAnswer> answers_;
  std::vector<HitOutcome> outcomes_;
  bool resend_wanted_ = false;
  uint64_t usage_counted_ = 0;  // 0: nothing to tell
  std::vector<ProductConnections> totals_;
  bool writing_ = false;
  bool held_up_ = false;
  absl::Time sent_at_;                             // when the last write began
  absl::Time changes_due_ = absl::InfinitePast();  // not before, unless something else goes
  absl::optional<absl::Status> end_;
  bool finished_ = false;
};

}  // namespace livecounter::counter

#endif  // LIVECOUNTER_SERVICES_COUNTER_OUTLET_H_
