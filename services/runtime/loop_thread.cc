#include "services/runtime/loop_thread.h"

#include <utility>

namespace livecounter::runtime {

LoopThread::LoopThread(Clock& clock, Turn turn)
    : clock_(clock), turn_(std::move(turn)), thread_([this] { Run(); }) {}

LoopThread::~LoopThread() { Stop(); }

void LoopThread::Post(Task task) { Add(std::move(task), Sleep::kForTasks); }

void LoopThread::PostQuietly(Task task) { Add(std::move(task), Sleep::kForQuietTasksToo); }

void LoopThread::Add(Task task, Sleep ends) {
  bool wakes = false;
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) return;
    posted_.push_back(std::move(task));
    wakes = sleep_ >= ends;
    if (wakes) sleep_ = Sleep::kNot;  // one signal is enough
  }
  // Not under the lock, where the woken thread would sleep again at once.
  if (wakes) wake_.Signal();
}

void LoopThread::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    sleep_ = Sleep::kNot;
    wake_.Signal();
  }
  if (thread_.joinable()) thread_.join();
}

void LoopThread::Run() {
  std::vector<Task> tasks;
  bool running = true;
  Wake wake = absl::InfinitePast();
  while (running) {
    running = Take(wake, &tasks);
    for (Task& task : tasks) task();
    tasks.clear();
    wake = turn_(clock_.Now());
  }
}

bool LoopThread::Take(const Wake& wake, std::vector<Task>* tasks) {
  absl::MutexLock lock(&mutex_);
  const Sleep sleep = wake.by_quiet_tasks ? Sleep::kForQuietTasksToo : Sleep::kForTasks;
  sleep_ = posted_.empty() && !stopping_ ? sleep : Sleep::kNot;
  while (sleep_ != Sleep::kNot) {
    const absl::Duration left = wake.at - clock_.Now();
    if (left <= absl::ZeroDuration()) break;
    wake_.WaitWithTimeout(&mutex_, left);
  }
  sleep_ = Sleep::kNot;
  tasks->swap(posted_);
  return !stopping_;
}

}  // namespace livecounter::runtime
