// SEAM: calls to counterd as the console makes them, with messages as bytes: every method, unary or with a
// server that streams, is the same here. GrpcUpstream is the one real implementation; tests have a fake.

#ifndef LIVECOUNTER_GATEWAY_CONSOLE_UPSTREAM_H_
#define LIVECOUNTER_GATEWAY_CONSOLE_UPSTREAM_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gateway/transport.h"

namespace livecounter::gateway::console {

struct UpstreamRequest {
  std::string path;                // "/livecounter.v1.CounterService/GetCounter"
  std::string message;             // serialised
  std::string authorization = {};  // the metadata of that name; empty for none
  std::string traceparent = {};    // likewise, as the client sent it
  absl::Duration timeout = absl::InfiniteDuration();
};

// Who made a call; called on the loop that it was made on.
class UpstreamListener {
 public:
  virtual ~UpstreamListener() = default;
  // One message, serialised. The next comes after UpstreamCall::Read() alone.
  virtual void OnMessage(std::string message) = 0;
  // The last call. Payloads of the status are the details of the error: by type URL.
  virtual void OnEnd(const absl::Status& status) = 0;
};

// A call under way, owned by who made it; the loop's thread only. Destroyed, it is given up: nothing more
// is called, and the other side sees it cancelled. May be destroyed from inside a call of the listener.
class UpstreamCall {
 public:
  virtual ~UpstreamCall() = default;
  // Asks for one more message: so a reader who takes none holds back the one who writes. Once after each
  // OnMessage(), which may do it; more often changes nothing.
  virtual void Read() = 0;
};

class Upstream {
 public:
  virtual ~Upstream() = default;
  // Begins a call and asks for its first message. Nothing is called before this returns. On the loop's
  // thread; `listener` outlives the call.
  virtual std::unique_ptr<UpstreamCall> Start(UpstreamRequest request, EventLoop& loop,
                                              UpstreamListener& listener) = 0;
};

}  // namespace livecounter::gateway::console

#endif  // LIVECOUNTER_GATEWAY_CONSOLE_UPSTREAM_H_
