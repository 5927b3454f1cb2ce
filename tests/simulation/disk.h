// The simulated disk of counterd: what survives a kill. One write at a time, each atomic, durable
// some time after it was begun; a kill in between leaves it done or not done, by chance.

#ifndef LIVECOUNTER_TESTS_SIMULATION_DISK_H_
#define LIVECOUNTER_TESTS_SIMULATION_DISK_H_

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/types/optional.h"
#include "core/hits.h"
#include "core/ids.h"
#include "tests/simulation/scheduler.h"

namespace livecounter::simulation {

// What was billed to one incarnation of a gateway.
struct UsageRecord {
  uint64_t number = 0;  // of its last batch
  int64_t connections = 0;
};

// All that counterd keeps: totals, sender and key records, open sessions, usage, epoch.
struct Image {
  uint64_t epoch = 0;
  std::map<CounterId, int64_t> totals;
  std::map<std::pair<SenderId, CounterId>, SenderRecord> senders;
  std::map<std::pair<CounterId, std::string>, KeyRecord> keys;
  std::set<HolderId> sessions;
  std::map<HolderId, UsageRecord> usage;
};

class Disk {
 public:
  explicit Disk(Scheduler* scheduler) : scheduler_(scheduler) {}

  const Image& durable() const { return durable_; }
  // Seeds the image before the run.
  Image* mutable_durable() { return &durable_; }

  // Begins a write that turns the durable image into `next`; `done` runs when it is durable, unless
  // a crash came first. Precondition: !writing().
  void Write(Image next, std::function<void()> done) {
    writing_ = std::move(next);
    const uint64_t write = ++write_;
    scheduler_->After(Delay(), [this, write, done = std::move(done)] {
      if (write != write_ || !writing_) return;
      durable_ = *std::move(writing_);
      writing_.reset();
      done();
    });
  }
  bool writing() const { return writing_.has_value(); }

  // The process that wrote was killed.
  void Crash() {
    if (writing_ && scheduler_->Chance(0.5)) durable_ = *writing_;
    writing_.reset();
    ++write_;
  }

  // An old copy takes the place of what is here. Precondition: !writing().
  void Restore(const Image& copy) { durable_ = copy; }

  void SetSlow(bool slow) { slow_ = slow; }

 private:
  absl::Duration Delay() {
    if (slow_) return scheduler_->Between(absl::Milliseconds(200), absl::Seconds(3));
    return scheduler_->Between(absl::Microseconds(100), absl::Milliseconds(3));
  }

  Scheduler* scheduler_;
  Image durable_;
  absl::optional<Image> writing_;
  uint64_t write_ = 0;
  bool slow_ = false;
};

}  // namespace livecounter::simulation

#endif  // LIVECOUNTER_TESTS_SIMULATION_DISK_H_
