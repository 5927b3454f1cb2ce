#include "gateway/open_streams.h"

#include "gateway/transport_label.h"

namespace livecounter::gateway {

void OpenStreams::Add(Member& stream, Connection::Kind kind) {
  open_.PushBack(stream);
  ++open_count_;
  ++size_;
  metrics_.connections(TransportOf(kind)).Increment();
  admission_.StreamOpened();
}

void OpenStreams::Remove(Member& stream, Connection::Kind kind) {
  if (stream.linked()) {
    stream.Unlink();
    --open_count_;
  }
  --size_;
  metrics_.connections(TransportOf(kind)).Decrement();
  admission_.StreamClosed();
}

void OpenStreams::CloseDownTo(int64_t target) {
  while (open_count_ > target) {
    Member& stream = open_.front();
    stream.Unlink();
    --open_count_;
    stream.CloseForDrain();
  }
}

}  // namespace livecounter::gateway
