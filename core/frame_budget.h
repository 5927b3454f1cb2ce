// How much more goes into one frame of a session: bounded in entries, so that one frame does not
// hold up the loop that reads it, and in bytes, so that it stays below the transport's limit
// on messages.

#ifndef LIVECOUNTER_CORE_FRAME_BUDGET_H_
#define LIVECOUNTER_CORE_FRAME_BUDGET_H_

#include <cstddef>

#include "core/ids.h"

namespace livecounter {

// Not thread-safe.
class FrameBudget {
 public:
  FrameBudget(size_t entries, size_t bytes) : entries_(entries), bytes_(bytes) {}

  bool full() const { return entries_ == 0 || bytes_ == 0; }

  // Spends up to `wanted` entries of `each` bytes, which share `common` bytes, and returns how many
  // fit: at least one of them unless full(), so that the last may pass the bound by itself.
  size_t Spend(size_t wanted, size_t each, size_t common);

  // Takes half of what is left, rounded up, into a budget of its own; what that one has left may be
  // returned.
  FrameBudget TakeHalf();
  void Return(const FrameBudget& rest);

  // About what a counter's name takes in a frame.
  static size_t NameBytes(const CounterId& counter);

 private:
  size_t entries_;
  size_t bytes_;
};

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_FRAME_BUDGET_H_
