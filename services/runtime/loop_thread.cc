#include "services/runtime/loop_thread.h"

#include <utility>

namespace livecounter::runtime {

LoopThread::LoopThread(Clock& clock, Turn turn)
    : clock_(clock), turn_(std::move(turn)), thread_([this] { Run(); }) {}

LoopThread::~LoopThread() { Stop(); }

void LoopThread::Post(Task task) {
  absl::MutexLock lock(&mutex_);
  if (stopping_) return;
  posted_.push_back(std::move(task));
  if (waiting_) wake_.Signal();
}

void LoopThread::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    wake_.Signal();
  }
  if (thread_.joinable()) thread_.join();
}

void LoopThread::Run() {
  std::vector<Task> tasks;
  bool running = true;
  absl::Time wake = absl::InfinitePast();
  while (running) {
    running = Take(wake, &tasks);
    for (Task& task : tasks) task();
    tasks.clear();
    wake = turn_(clock_.Now());
  }
}

bool LoopThread::Take(absl::Time wake, std::vector<Task>* tasks) {
  absl::MutexLock lock(&mutex_);
  waiting_ = true;
  while (posted_.empty() && !stopping_) {
    const absl::Duration left = wake - clock_.Now();
    if (left <= absl::ZeroDuration()) break;
    wake_.WaitWithTimeout(&mutex_, left);
  }
  waiting_ = false;
  tasks->swap(posted_);
  return !stopping_;
}

}  // namespace livecounter::runtime
