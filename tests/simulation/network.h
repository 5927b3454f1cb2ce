// Streams between gateways and counterd: ordered and reliable while they last, delayed by chance,
// broken with everything in flight. A link can be blocked in either direction: what is sent then
// waits (as TCP does) until the link is free again or the stream breaks. Or it is jittery: what is
// sent then arrives late, and much of it at once.

#ifndef LIVECOUNTER_TESTS_SIMULATION_NETWORK_H_
#define LIVECOUNTER_TESTS_SIMULATION_NETWORK_H_

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <utility>

#include "absl/time/time.h"
#include "core/session.h"
#include "core/session_table.h"
#include "tests/simulation/scheduler.h"

namespace livecounter::simulation {

// The cable between one gateway's place and counterd; outlives streams and processes.
struct Link {
  bool up_blocked = false;
  bool down_blocked = false;
  bool jittery = false;
};

// One direction of a stream.
template <typename Frame>
class Pipe {
 public:
  Pipe(Scheduler* scheduler, const bool* blocked, const bool* jittery)
      : scheduler_(scheduler), blocked_(blocked), jittery_(jittery) {}

  // Where frames arrive; nothing arrives once it is taken away.
  std::function<void(Frame)> deliver;

  static void Send(const std::shared_ptr<Pipe>& pipe, Frame frame) {
    // Never overtakes: arrives at the earliest when the frame before it did.
    const absl::Duration delay =
        pipe->scheduler_->Between(absl::Microseconds(50), pipe->max_delay());
    pipe->last_arrival_ = std::max(pipe->last_arrival_, pipe->scheduler_->now() + delay);
    pipe->scheduler_->At(pipe->last_arrival_,
                         [pipe, frame = std::make_shared<Frame>(std::move(frame))] {
                           pipe->arrived_.push_back(std::move(*frame));
                           Drain(pipe);
                         });
  }

 private:
  absl::Duration max_delay() const {
    return *jittery_ ? absl::Milliseconds(400) : absl::Milliseconds(5);
  }
  static void Drain(const std::shared_ptr<Pipe>& pipe) {
    while (!*pipe->blocked_ && pipe->deliver && !pipe->arrived_.empty()) {
      Frame frame = std::move(pipe->arrived_.front());
      pipe->arrived_.pop_front();
      const auto deliver = pipe->deliver;  // which may end this very pipe
      deliver(std::move(frame));
    }
    if (!pipe->deliver || pipe->arrived_.empty() || pipe->retrying_) return;
    pipe->retrying_ = true;
    pipe->scheduler_->After(absl::Milliseconds(50), [pipe] {
      pipe->retrying_ = false;
      Drain(pipe);
    });
  }

  Scheduler* scheduler_;
  const bool* blocked_;
  const bool* jittery_;
  absl::Time last_arrival_ = absl::InfinitePast();
  std::deque<Frame> arrived_;  // more than none only while blocked
  bool retrying_ = false;
};

// A stream of one gateway incarnation to one counterd incarnation.
struct Stream {
  Stream(Scheduler* scheduler, Link* link, StreamId id)
      : id(id),
        up(std::make_shared<Pipe<HolderFrame>>(scheduler, &link->up_blocked, &link->jittery)),
        down(std::make_shared<Pipe<ReceiverFrame>>(scheduler, &link->down_blocked,
                                                   &link->jittery)) {}

  // Both ends stop hearing; each end's own `closed` is told, if it is still there, at its own time.
  static void Break(Scheduler* scheduler, const std::shared_ptr<Stream>& stream,
                    absl::Duration gateway_notices, absl::Duration counterd_notices) {
    stream->up->deliver = nullptr;
    stream->down->deliver = nullptr;
    scheduler->After(gateway_notices, [stream] {
      if (auto closed = std::exchange(stream->gateway_closed, nullptr)) closed();
    });
    scheduler->After(counterd_notices, [stream] {
      if (auto closed = std::exchange(stream->counterd_closed, nullptr)) closed();
    });
  }

  const StreamId id;
  std::shared_ptr<Pipe<HolderFrame>> up;
  std::shared_ptr<Pipe<ReceiverFrame>> down;
  std::function<void()> gateway_closed;
  std::function<void()> counterd_closed;
};

}  // namespace livecounter::simulation

#endif  // LIVECOUNTER_TESTS_SIMULATION_NETWORK_H_
