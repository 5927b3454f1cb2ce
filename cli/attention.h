// What a command that shows live numbers waits for: something new to show, a terminal of another size,
// Ctrl-C, or the next tick of the clock.
//
// While it lives, SIGINT, SIGTERM and SIGHUP end the waiting instead of the process, and a second one
// does what it did before; afterwards signals are as they were. One at a time in a process; Wait() is
// for the thread that made it, Wake() for any.

#ifndef LIVECOUNTER_CLI_ATTENTION_H_
#define LIVECOUNTER_CLI_ATTENTION_H_

#include <signal.h>

#include <array>

#include "absl/time/time.h"

namespace livecounter::cli {

class Attention {
 public:
  Attention();
  ~Attention();
  Attention(const Attention&) = delete;
  Attention& operator=(const Attention&) = delete;

  // Returns after Wake(), a signal, or `limit`.
  void Wait(absl::Duration limit);
  void Wake();

  // A signal asked to stop.
  bool StopRequested() const;
  // The terminal changed its size since the last time this was asked.
  bool TakeResized();

 private:
  static constexpr std::array<int, 4> kSignals = {SIGINT, SIGTERM, SIGHUP, SIGWINCH};

  const int wake_fd_;
  std::array<struct sigaction, kSignals.size()> before_ = {};
};

}  // namespace livecounter::cli

#endif  // LIVECOUNTER_CLI_ATTENTION_H_
