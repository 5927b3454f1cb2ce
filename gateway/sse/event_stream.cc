#include "gateway/sse/event_stream.h"

#include "gateway/sse/event.h"

namespace livecounter::gateway {

void EventStream::Heartbeat() {
  if (field() == Field::kPresent) {
    parts().hub.Repeat(*this);
  } else {
    connection().Send(kEventStreamComment);
  }
}

}  // namespace livecounter::gateway
