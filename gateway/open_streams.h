// The streams that are open on one event loop: counted, and closed one after the other in a drain.

#ifndef LIVECOUNTER_GATEWAY_OPEN_STREAMS_H_
#define LIVECOUNTER_GATEWAY_OPEN_STREAMS_H_

#include <cstdint>

#include "gateway/admission.h"
#include "gateway/intrusive_list.h"
#include "gateway/transport.h"
#include "observability/metrics.h"

namespace livecounter::gateway {

// Belongs to its loop's thread.
class OpenStreams {
 public:
  // A stream's place here. Part of the stream.
  class Member : public ListNode<OpenStreams> {
   public:
    // Closes with a hint when to connect again (contract §7).
    virtual void CloseForDrain() = 0;
    // What the stream works under may have changed: its product, or whether its key is good.
    virtual void OnProductChange() = 0;

   protected:
    ~Member() = default;
  };

  // Both outlive the streams.
  OpenStreams(observability::GatewayMetrics& metrics, Admission& admission)
      : metrics_(metrics), admission_(admission) {}

  // False: the gateway is full, and the stream is to be closed.
  bool Add(Member& stream, Connection::Kind kind);
  // It has closed. Once for each Add().
  void Remove(Member& stream, Connection::Kind kind);

  // All that are open now are to be told of a change of products, by TellSome().
  void StartTelling() { untold_.TakeAll(open_); }
  // Goes on with that for up to `limit` streams. Whether there are more.
  bool TellSome(size_t limit);

  // Closes the oldest, until no more than `target` are neither closed nor closing.
  void CloseDownTo(int64_t target);

  // All that were added and not removed.
  int64_t size() const { return size_; }

 private:
  observability::GatewayMetrics& metrics_;
  Admission& admission_;
  // Those that CloseDownTo() has closed are in neither.
  IntrusiveList<Member, OpenStreams> open_;
  IntrusiveList<Member, OpenStreams> untold_;  // of a change of products
  int64_t open_count_ = 0;
  int64_t size_ = 0;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_OPEN_STREAMS_H_
