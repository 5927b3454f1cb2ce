// The end of a socket whose last bytes are to arrive: closes our side, reads and drops what the other
// still sends, and closes when it has closed too, or after a while. Closing at once with bytes unread
// would send a reset, which overtakes the answer. The loop's thread only.

#ifndef LIVECOUNTER_GATEWAY_NET_LINGERING_CLOSE_H_
#define LIVECOUNTER_GATEWAY_NET_LINGERING_CLOSE_H_

#include <cstddef>

#include "gateway/net/file_descriptor.h"
#include "gateway/net/loop.h"
#include "gateway/net/residents.h"
#include "gateway/net/serving.h"

namespace livecounter::gateway::net {

class LingeringClose final : public Resident, private Deadline::Owner {
 public:
  // Makes one of `socket` and lets it live among the residents.
  static void Start(const Serving& serving, FileDescriptor socket);

  LingeringClose(const Serving& serving, FileDescriptor socket);
  void Evict() override {}

 private:
  void OnReady(int events);
  void OnDeadline(Deadline& deadline) override;
  void Finish();

  const Serving& serving_;
  FileDescriptor socket_;
  IoWatcher<LingeringClose, &LingeringClose::OnReady> watcher_;
  Deadline deadline_;
  size_t dropped_ = 0;
};

}  // namespace livecounter::gateway::net

#endif  // LIVECOUNTER_GATEWAY_NET_LINGERING_CLOSE_H_
