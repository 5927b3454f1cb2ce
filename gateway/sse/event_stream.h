// Event streams of `/counters/{id}/` and `/sub` (contract §2, §3): an event at once and at each change.

#ifndef LIVECOUNTER_GATEWAY_SSE_EVENT_STREAM_H_
#define LIVECOUNTER_GATEWAY_SSE_EVENT_STREAM_H_

#include <utility>

#include "absl/strings/string_view.h"
#include "gateway/counter_stream.h"
#include "gateway/transport.h"

namespace livecounter::gateway {

class EventStream final : public CounterStream {
 public:
  EventStream(LoopParts& parts, LoopProducts::Place place, Subscription subscription)
      : CounterStream(parts, std::move(place), std::move(subscription)) {}

  // Event streams have no way to send.
  void OnMessage(Connection& /*connection*/, absl::string_view /*payload*/,
                 bool /*is_final*/) override {}

 private:
  // Presence is repeated; hits send a comment.
  void Heartbeat() override;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_SSE_EVENT_STREAM_H_
