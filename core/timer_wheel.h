// Deadlines for very many connections: O(1) to set and to move, few bytes each, no timer per
// connection (design §9). A hashed wheel with intrusive links; a deadline fires at its slot's end:
// never early, at most one granularity late.

#ifndef LIVECOUNTER_CORE_TIMER_WHEEL_H_
#define LIVECOUNTER_CORE_TIMER_WHEEL_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/time/time.h"

namespace livecounter {

// Not thread-safe. An Entry lives inside what it times (owned by the caller, at a fixed address) and
// leaves the wheel in its destructor.
class TimerWheel {
 public:
  class Entry {
   public:
    Entry() = default;
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    ~Entry() { Unlink(); }
    bool armed() const { return next_ != nullptr; }

   private:
    friend class TimerWheel;
    void Unlink();
    Entry* next_ = nullptr;
    Entry* previous_ = nullptr;
    uint32_t due_tick_ = 0;
  };

  TimerWheel(absl::Duration granularity, size_t slots, absl::Time now);

  // Fires `entry` at `deadline` (re-arms it where it is armed). Deadlines beyond slots × granularity
  // take more rounds, not more memory.
  void Arm(Entry* entry, absl::Time deadline);
  void Disarm(Entry* entry);

  // Takes everything due by `now` out of the wheel, up to `limit`, and calls `fire(Entry*)` for each;
  // `fire` may arm, disarm and destroy any entry.
  template <typename Fire>
  size_t Advance(absl::Time now, size_t limit, Fire fire);

  absl::Duration granularity() const { return granularity_; }
  size_t size() const { return armed_; }

 private:
  // To be completed by the implementation.
  absl::Duration granularity_;
  size_t armed_ = 0;
};

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_TIMER_WHEEL_H_
