// Everything that one event loop waits for, on the loop's one timer: very many coarse deadlines in a
// wheel (design §9), and a few sources that know exactly when they are due next.

#ifndef LIVECOUNTER_GATEWAY_LOOP_TIMERS_H_
#define LIVECOUNTER_GATEWAY_LOOP_TIMERS_H_

#include <cstddef>
#include <vector>

#include "absl/time/time.h"
#include "core/timer_wheel.h"
#include "gateway/transport.h"

namespace livecounter::gateway {

// Belongs to its loop's thread.
class LoopTimers {
 public:
  // A coarse deadline, part of what it times; disarmed by its destructor.
  class Timer : public TimerWheel::Entry {
   public:
    // The deadline has come, at most kGranularity ago. May destroy the timer.
    virtual void OnTimer(absl::Time now) = 0;

   protected:
    ~Timer() = default;
  };

  // Something with exact deadlines of its own.
  class Source {
   public:
    // InfiniteFuture: nothing to do. Cheap.
    virtual absl::Time NextDue() const = 0;
    // NextDue() has come.
    virtual void OnDue(absl::Time now) = 0;

   protected:
    ~Source() = default;
  };

  static constexpr absl::Duration kGranularity = absl::Milliseconds(250);

  // `loop` outlives the timers.
  explicit LoopTimers(EventLoop& loop);
  ~LoopTimers();
  LoopTimers(const LoopTimers&) = delete;
  LoopTimers& operator=(const LoopTimers&) = delete;

  // `source` outlives the loop's turns. To be told of by Reschedule() whenever it is due earlier.
  void AddSource(Source* source) { sources_.push_back(source); }
  void Reschedule();

  // Fires `timer` at `deadline`, never early; a timer that is armed is moved.
  void Arm(Timer* timer, absl::Time deadline) { wheel_.Arm(timer, deadline); }
  // Fires `timer` `delay` from now, at most: up to kGranularity early, never late.
  void ArmWithin(Timer* timer, absl::Duration delay) {
    wheel_.Arm(timer, loop_.Now() + delay - kGranularity);
  }
  void Disarm(Timer* timer) { wheel_.Disarm(timer); }

 private:
  // What one turn fires at most, so that thousands of timers do not keep sockets waiting.
  static constexpr size_t kMaxFiredPerTurn = 256;

  void OnLoopTimer();
  // The wheel's next slot ends.
  absl::Time NextTick(absl::Time now) const;

  EventLoop& loop_;
  const absl::Time start_;
  TimerWheel wheel_;
  absl::Time next_tick_;
  std::vector<Source*> sources_;
  absl::Time scheduled_ = absl::InfiniteFuture();
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_LOOP_TIMERS_H_
