// SEAM: one stream of a gateway or of a watching client, as the replica sees it. gRPC's reactors
// are the real ones (edge_service.cc, watch_stream.cc); tests have a fake.
//
// Owned by the replica and called on its loop only. What comes back (a frame was read, a write is
// done, the peer is gone, the stream is closed) is posted to the loop by whoever learns of it,
// under the id that the stream was opened with.

#ifndef LIVECOUNTER_SERVICES_COUNTER_REPLICA_STREAM_H_
#define LIVECOUNTER_SERVICES_COUNTER_REPLICA_STREAM_H_

#include "absl/status/status.h"
#include "core/session.h"

namespace livecounter::counter {

class ReplicaStream {
 public:
  // After Replica::OnClosed() only.
  virtual ~ReplicaStream() = default;

  // Asks for the next frame: Replica::OnFrame(), OnBadFrame() or OnPeerGone() follows. One at a
  // time.
  virtual void Read() = 0;
  // Writes one frame; Replica::OnWritten() follows. One at a time.
  virtual void Write(ReceiverFrame frame) = 0;
  // Ends the stream with this status; Replica::OnClosed() follows. Once, and not while a write is
  // under way.
  virtual void Finish(const absl::Status& status) = 0;
  // Breaks the stream, so that a write under way comes back. Before Finish() only.
  virtual void Cancel() = 0;
};

}  // namespace livecounter::counter

#endif  // LIVECOUNTER_SERVICES_COUNTER_REPLICA_STREAM_H_
