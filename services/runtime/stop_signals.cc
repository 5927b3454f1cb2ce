#include "services/runtime/stop_signals.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

#include "absl/time/clock.h"

namespace livecounter::runtime {
namespace {

constexpr int kExitFailed = 1;

int BlockAndOpen() {
  signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int PollMilliseconds(absl::Time deadline) {
  if (deadline == absl::InfiniteFuture()) return -1;
  // Rounded up, so that poll() does not spin before the deadline.
  const int64_t milliseconds = absl::ToInt64Milliseconds(deadline - absl::Now()) + 1;
  return static_cast<int>(std::clamp<int64_t>(milliseconds, 0, std::numeric_limits<int>::max()));
}

}  // namespace

StopSignals::StopSignals(const observability::Logger& logger)
    : logger_(logger),
      signal_fd_(BlockAndOpen()),
      wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this] { Run(); }) {}

StopSignals::~StopSignals() {
  {
    absl::MutexLock lock(&mutex_);
    done_ = true;
  }
  eventfd_write(wake_fd_, 1);
  thread_.join();
  close(wake_fd_);
  close(signal_fd_);
}

absl::Status StopSignals::Wait() {
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(&stop_requested_));
  return why_;
}

void StopSignals::RequestStop(const absl::Status& why) {
  absl::MutexLock lock(&mutex_);
  if (stop_requested_) return;
  stop_requested_ = true;
  why_ = why;
}

void StopSignals::EndProcessAfter(absl::Duration limit) {
  {
    absl::MutexLock lock(&mutex_);
    deadline_ = absl::Now() + limit;
  }
  eventfd_write(wake_fd_, 1);
}

void StopSignals::Run() {
  std::array<pollfd, 2> watched = {{{signal_fd_, POLLIN, 0}, {wake_fd_, POLLIN, 0}}};
  while (true) {
    absl::Time deadline;
    {
      absl::MutexLock lock(&mutex_);
      if (done_) return;
      deadline = deadline_;
    }
    if (absl::Now() >= deadline) EndProcess("drain_took_too_long");
    poll(watched.data(), watched.size(), PollMilliseconds(deadline));
    eventfd_t wakes = 0;
    eventfd_read(wake_fd_, &wakes);
    signalfd_siginfo info = {};
    while (read(signal_fd_, &info, sizeof(info)) == sizeof(info)) {
      absl::MutexLock lock(&mutex_);
      if (stop_requested_) EndProcess("second_signal");
      stop_requested_ = true;
    }
  }
}

void StopSignals::EndProcess(absl::string_view event) {
  logger_.Error(event, {{"exit_code", kExitFailed}});
  _exit(kExitFailed);
}

}  // namespace livecounter::runtime
