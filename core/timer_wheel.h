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

// Not thread-safe. An Entry lives inside what it times (owned by the caller, at a fixed address)
// and leaves the wheel in its destructor; a wheel that is destroyed disarms what is left in it.
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
    int64_t due_tick_ = 0;
  };

  // granularity > 0, slots ≥ 1. A slot costs 24 bytes.
  TimerWheel(absl::Duration granularity, size_t slots, absl::Time now);
  ~TimerWheel();
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;

  // Fires `entry` at `deadline` (re-arms it where it is armed); at the next granularity where that
  // has passed. Deadlines beyond slots × granularity take more rounds, not more memory.
  void Arm(Entry* entry, absl::Time deadline);
  void Disarm(Entry* entry) { entry->Unlink(); }

  // Takes everything due by `now` out of the wheel, up to `limit`, and calls `fire(Entry*)` for
  // each; `fire` may arm, disarm and destroy any entry. Returns how many fired: fewer than `limit`,
  // and nothing due is left.
  template <typename Fire>
  size_t Advance(absl::Time now, size_t limit, Fire fire) {
    AdvanceTo(now);
    for (size_t fired = 0; fired < limit; ++fired) {
      Entry* entry = TakeDue();
      if (entry == nullptr) return fired;
      fire(entry);
    }
    return limit;
  }

  absl::Duration granularity() const { return granularity_; }
  // Entries armed. Walks them all: for tests and metrics.
  size_t size() const;

  // Dies when a link is broken or an entry stands in a slot that is not its own.
  void CheckInvariants() const;

 private:
  // Sets the time, never back.
  void AdvanceTo(absl::Time now);
  // The next due entry, unlinked; null when there is none.
  Entry* TakeDue();
  // Moves what is due from `slot` to due_.
  void Collect(Entry* slot);
  Entry* SlotOf(int64_t tick) { return &slots_[static_cast<size_t>(tick) % slots_.size()]; }
  static void Append(Entry* list, Entry* entry);
  static void MakeEmptyList(Entry* list);
  static void Clear(Entry* list);

  absl::Duration granularity_;
  absl::Time start_;
  int64_t now_tick_ = 0;        // whole granularities from start_ to the newest Advance()
  int64_t collected_tick_ = 0;  // slots up to this tick have been collected
  std::vector<Entry> slots_;    // heads of circular lists
  Entry due_;                   // head of the list of what fires next
};

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_TIMER_WHEEL_H_
