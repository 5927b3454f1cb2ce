// Streams that gather what they send: each is asked for it one turn of the loop later, so that one
// message holds all that changed in a turn, and in slices, so that thousands of them leave room for
// everybody else (design §9).

#ifndef LIVECOUNTER_GATEWAY_FLUSH_QUEUE_H_
#define LIVECOUNTER_GATEWAY_FLUSH_QUEUE_H_

#include <cstddef>

#include "gateway/intrusive_list.h"
#include "gateway/task_scope.h"
#include "gateway/transport.h"

namespace livecounter::gateway {

// Belongs to its loop's thread.
class FlushQueue {
 public:
  class Member : public ListNode<FlushQueue> {
   public:
    // May destroy the member, or add it again.
    virtual void Flush() = 0;

   protected:
    ~Member() = default;
  };

  // Members flushed in one turn of the loop.
  static constexpr size_t kSlice = 256;

  // `loop` outlives the queue.
  explicit FlushQueue(EventLoop& loop) : tasks_(loop) {}

  // Flush() is called in a later turn: once for many calls, never when the member is gone by then.
  void Add(Member& member);

 private:
  void Run();

  IntrusiveList<Member, FlushQueue> members_;
  bool run_is_posted_ = false;
  TaskScope tasks_;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_FLUSH_QUEUE_H_
