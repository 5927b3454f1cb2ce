#include "cli/attention.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>

namespace livecounter::cli {
namespace {

// For the handlers, which can be given nothing.
std::atomic<int> signal_fd = -1;
std::atomic<bool> stop_requested = false;
std::atomic<bool> resized = false;

void Signal() {
  const int before = errno;
  eventfd_write(signal_fd.load(), 1);
  errno = before;
}

void OnStop(int /*signal*/) {
  stop_requested = true;
  Signal();
}

void OnResize(int /*signal*/) {
  resized = true;
  Signal();
}

}  // namespace

Attention::Attention() : wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  signal_fd = wake_fd_;
  stop_requested = false;
  resized = false;
  for (size_t i = 0; i < kSignals.size(); ++i) {
    struct sigaction action = {};
    const bool is_resize = kSignals[i] == SIGWINCH;
    action.sa_handler = is_resize ? OnResize : OnStop;
    action.sa_flags = SA_RESTART;
    // A second one ends the process: for when something hangs.
    if (!is_resize) action.sa_flags |= static_cast<int>(SA_RESETHAND);
    sigemptyset(&action.sa_mask);
    sigaction(kSignals[i], &action, &before_[i]);
  }
}

Attention::~Attention() {
  for (size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &before_[i], nullptr);
  signal_fd = -1;
  close(wake_fd_);
}

void Attention::Wait(absl::Duration limit) {
  const int64_t milliseconds = absl::ToInt64Milliseconds(absl::Ceil(limit, absl::Milliseconds(1)));
  pollfd watched = {wake_fd_, POLLIN, 0};
  poll(&watched, 1, static_cast<int>(std::clamp<int64_t>(milliseconds, 0, 60'000)));
  eventfd_t wakes = 0;
  eventfd_read(wake_fd_, &wakes);
}

void Attention::Wake() { eventfd_write(wake_fd_, 1); }

bool Attention::StopRequested() const { return stop_requested; }

bool Attention::TakeResized() { return resized.exchange(false); }

}  // namespace livecounter::cli
