#include "gateway/flush_queue.h"

namespace livecounter::gateway {

void FlushQueue::Add(Member& member) {
  if (member.linked()) return;
  members_.PushBack(member);
  if (run_is_posted_) return;
  run_is_posted_ = true;
  tasks_.Post([this] { Run(); });
}

void FlushQueue::Run() {
  run_is_posted_ = false;
  // Those that add themselves again have their next turn after the others.
  IntrusiveList<Member, FlushQueue> due;
  due.TakeAll(members_);
  for (size_t i = 0; i < kSlice && !due.empty(); ++i) {
    Member& member = due.front();
    member.Unlink();
    member.Flush();
  }
  due.TakeAll(members_);
  members_.TakeAll(due);
  if (members_.empty() || run_is_posted_) return;
  run_is_posted_ = true;
  tasks_.Post([this] { Run(); });
}

}  // namespace livecounter::gateway
