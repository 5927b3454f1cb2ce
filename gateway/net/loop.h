// One libev loop, the heart of one thread of the transport: watchers, deadlines, work from other threads.
//
// Everything but Post() and Stop() belongs to the thread that calls Run(), before Run() to the one that
// made the loop. Watchers and deadlines must be gone before the loop is.

#ifndef LIVECOUNTER_GATEWAY_NET_LOOP_H_
#define LIVECOUNTER_GATEWAY_NET_LOOP_H_

#include <ev.h>

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "core/timer_wheel.h"
#include "gateway/transport.h"

namespace livecounter::gateway::net {

// One thing that a connection waits for, at most until a moment: 10 s for a request, a pong, …
class Deadline : private TimerWheel::Entry {
 public:
  // Called on the loop; may destroy the deadline.
  class Owner {
   public:
    virtual void OnDeadline(Deadline& deadline) = 0;

   protected:
    ~Owner() = default;
  };

  explicit Deadline(Owner* owner) : owner_(owner) {}
  using TimerWheel::Entry::armed;

 private:
  friend class Loop;
  Owner* owner_;
};

class Loop final : public EventLoop {
 public:
  // `wall_now`: what Now() starts from. Internal when the kernel gives no epoll.
  static absl::StatusOr<std::unique_ptr<Loop>> Create(absl::Time wall_now);
  ~Loop() override;

  // Serves until Stop().
  void Run();
  // Any thread: Run() returns after the turn it is in.
  void Stop();

  absl::Time Now() const override;
  void Post(std::function<void()> task) override;
  void SetTimer(absl::Time deadline, std::function<void()> callback) override;

  // From now; a quarter of a second late at most.
  void Arm(Deadline& deadline, absl::Duration from_now);
  void Disarm(Deadline& deadline);

  // Runs `task` after all that this turn still has to do, where nothing is on the stack that could be
  // pulled from under: destroying, closing, going on with a connection that has had its share.
  void Defer(std::function<void()> task);

  // For bytes just read: valid until the loop reads again. Larger than any head.
  struct Scratch {
    char* data;
    size_t size;
  };
  Scratch scratch() { return {scratch_.data(), scratch_.size()}; }

  // Now() as the Date header has it.
  absl::string_view date();

  struct ev_loop* ev() {
    return loop_;
  }

 private:
  Loop(struct ev_loop* loop, absl::Time wall_now);

  static void OnWake(struct ev_loop* loop, ev_async* watcher, int events);
  static void OnTimer(struct ev_loop* loop, ev_timer* watcher, int events);
  static void OnTick(struct ev_loop* loop, ev_timer* watcher, int events);
  static void BeforePoll(struct ev_loop* loop, ev_prepare* watcher, int events);
  static void DoNothing(struct ev_loop* /*loop*/, ev_idle* /*watcher*/, int /*events*/) {}

  void RunPosted();
  void RunDeferred();

  struct ev_loop* const loop_;
  const absl::Time wall_start_;
  const ev_tstamp start_;
  TimerWheel wheel_;
  bool stopping_ = false;
  std::vector<std::function<void()>> deferred_;
  std::function<void()> timer_callback_;
  std::string date_;
  int64_t date_second_ = -1;
  std::array<char, 20 * 1024> scratch_;

  ev_async wake_;
  ev_timer timer_;
  ev_timer tick_;
  ev_prepare prepare_;
  ev_idle busy_;  // active while deferred work waits: the loop then polls without sleeping

  absl::Mutex mutex_;
  std::vector<std::function<void()>> posted_ ABSL_GUARDED_BY(mutex_);
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  bool stop_requested_ ABSL_GUARDED_BY(mutex_) = false;
};

// Calls (owner->*Method)(events) when `fd` is ready; EV_READ, EV_WRITE. Stops itself when destroyed,
// which must come before the descriptor is closed.
template <typename Owner, void (Owner::*Method)(int)>
class IoWatcher {
 public:
  IoWatcher(Loop& loop, int fd, Owner* owner) : loop_(loop.ev()) {
    ev_io_init(&io_, &IoWatcher::OnReady, fd, EV_NONE);
    io_.data = owner;
  }
  IoWatcher(const IoWatcher&) = delete;
  IoWatcher& operator=(const IoWatcher&) = delete;
  ~IoWatcher() { ev_io_stop(loop_, &io_); }

  // Changes what is waited for; EV_NONE stops.
  void Watch(int events) {
    if (events == events_) return;
    events_ = events;
    ev_io_stop(loop_, &io_);
    if (events == EV_NONE) return;
    ev_io_set(&io_, io_.fd, events);
    ev_io_start(loop_, &io_);
  }
  int events() const { return events_; }

 private:
  static void OnReady(struct ev_loop* /*loop*/, ev_io* io, int events) {
    (static_cast<Owner*>(io->data)->*Method)(events);
  }

  struct ev_loop* loop_;
  ev_io io_;
  int events_ = EV_NONE;
};

}  // namespace livecounter::gateway::net

#endif  // LIVECOUNTER_GATEWAY_NET_LOOP_H_
