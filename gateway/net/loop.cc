#include "gateway/net/loop.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "gateway/net/response_encoder.h"

namespace livecounter::gateway::net {
namespace {

constexpr absl::Duration kTick = absl::Milliseconds(250);
constexpr size_t kWheelSlots = 256;
// Bounds what one turn spends on deadlines; the rest comes with the next tick.
constexpr size_t kMaxDeadlinesPerTick = 2'000;

// Monotonic, which absl::Now() is not.
ev_tstamp SteadyNow() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<ev_tstamp>(now.tv_sec) + static_cast<ev_tstamp>(now.tv_nsec) * 1e-9;
}

Loop* LoopOf(struct ev_loop* loop) { return static_cast<Loop*>(ev_userdata(loop)); }

}  // namespace

absl::StatusOr<std::unique_ptr<Loop>> Loop::Create(absl::Time wall_now) {
  struct ev_loop* loop = ev_loop_new(+EVBACKEND_EPOLL | +EVFLAG_NOENV);
  if (loop == nullptr) return absl::InternalError("the kernel gives no epoll descriptor");
  return std::unique_ptr<Loop>(new Loop(loop, wall_now));
}

Loop::Loop(struct ev_loop* loop, absl::Time wall_now)
    : loop_(loop),
      wall_start_(wall_now),
      start_(SteadyNow()),
      wheel_(kTick, kWheelSlots, wall_now) {
  ev_set_userdata(loop_, this);
  ev_async_init(&wake_, &Loop::OnWake);
  ev_async_start(loop_, &wake_);
  ev_timer_init(&timer_, &Loop::OnTimer, 0, 0);
  ev_timer_init(&tick_, &Loop::OnTick, 0, absl::ToDoubleSeconds(kTick));
  ev_timer_again(loop_, &tick_);
  ev_prepare_init(&prepare_, &Loop::BeforePoll);
  ev_prepare_start(loop_, &prepare_);
  ev_idle_init(&busy_, &Loop::DoNothing);
}

Loop::~Loop() {
  ev_idle_stop(loop_, &busy_);
  ev_prepare_stop(loop_, &prepare_);
  ev_timer_stop(loop_, &tick_);
  ev_timer_stop(loop_, &timer_);
  ev_async_stop(loop_, &wake_);
  ev_loop_destroy(loop_);
}

void Loop::Run() {
  while (!stopping_) ev_run(loop_, 0);
}

void Loop::Stop() {
  absl::MutexLock lock(&mutex_);
  stop_requested_ = true;
  ev_async_send(loop_, &wake_);
}

absl::Time Loop::Now() const { return wall_start_ + absl::Seconds(SteadyNow() - start_); }

void Loop::Post(std::function<void()> task) {
  absl::MutexLock lock(&mutex_);
  posted_.push_back(std::move(task));
  if (std::exchange(woken_, true)) return;
  ev_async_send(loop_, &wake_);
}

void Loop::OnWake(struct ev_loop* loop, ev_async* /*watcher*/, int /*events*/) {
  LoopOf(loop)->RunPosted();
}

void Loop::RunPosted() {
  std::vector<std::function<void()>> tasks;
  {
    absl::MutexLock lock(&mutex_);
    tasks.swap(posted_);
    woken_ = false;
    stopping_ = stop_requested_;
  }
  if (stopping_) {
    ev_break(loop_, EVBREAK_ALL);
    return;
  }
  for (std::function<void()>& task : tasks) task();
}

void Loop::SetTimer(absl::Time deadline, std::function<void()> callback) {
  timer_callback_ = std::move(callback);
  ev_timer_stop(loop_, &timer_);
  ev_now_update(loop_);
  ev_timer_set(&timer_, std::max(0.0, absl::ToDoubleSeconds(deadline - Now())), 0);
  ev_timer_start(loop_, &timer_);
}

void Loop::OnTimer(struct ev_loop* loop, ev_timer* /*watcher*/, int /*events*/) {
  std::function<void()> callback = std::exchange(LoopOf(loop)->timer_callback_, nullptr);
  callback();
}

void Loop::Arm(Deadline& deadline, absl::Duration from_now) {
  wheel_.Arm(&deadline, Now() + from_now);
}

void Loop::Disarm(Deadline& deadline) { wheel_.Disarm(&deadline); }

void Loop::OnTick(struct ev_loop* loop, ev_timer* /*watcher*/, int /*events*/) {
  Loop* self = LoopOf(loop);
  self->wheel_.Advance(self->Now(), kMaxDeadlinesPerTick, [](TimerWheel::Entry* entry) {
    auto* deadline = static_cast<Deadline*>(entry);
    deadline->owner_->OnDeadline(*deadline);
  });
}

void Loop::Defer(std::function<void()> task) {
  deferred_.push_back(std::move(task));
  ev_idle_start(loop_, &busy_);
}

void Loop::BeforePoll(struct ev_loop* loop, ev_prepare* /*watcher*/, int /*events*/) {
  LoopOf(loop)->RunDeferred();
}

void Loop::RunDeferred() {
  std::vector<std::function<void()>> tasks;
  tasks.swap(deferred_);
  for (std::function<void()>& task : tasks) task();
  if (deferred_.empty()) ev_idle_stop(loop_, &busy_);
}

absl::string_view Loop::date() {
  const absl::Time now = Now();
  const int64_t second = absl::ToUnixSeconds(now);
  if (second != date_second_) {
    date_second_ = second;
    date_ = HttpDate(now);
  }
  return date_;
}

}  // namespace livecounter::gateway::net
