#include "gateway/open_streams.h"

#include "gateway/transport_label.h"

namespace livecounter::gateway {

bool OpenStreams::Add(Member& stream, Connection::Kind kind) {
  open_.PushBack(stream);
  ++open_count_;
  ++size_;
  metrics_.connections(TransportOf(kind)).Increment();
  const bool fits = admission_.StreamOpened();
  using observability::ConnectResult;
  metrics_.connects(fits ? ConnectResult::kAccepted : ConnectResult::kFailed).Increment();
  return fits;
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

bool OpenStreams::TellSome(size_t limit) {
  for (; limit > 0 && !untold_.empty(); --limit) {
    Member& stream = untold_.front();
    open_.PushBack(stream);
    stream.OnProductChange();
  }
  return !untold_.empty();
}

void OpenStreams::CloseDownTo(int64_t target) {
  while (open_count_ > target) {
    Member& stream = untold_.empty() ? open_.front() : untold_.front();
    stream.Unlink();
    --open_count_;
    stream.CloseForDrain();
  }
}

}  // namespace livecounter::gateway
