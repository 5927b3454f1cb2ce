// How long the transport waits for whom, and how much it takes. The defaults are the contract's;
// tests shorten them.

#ifndef LIVECOUNTER_GATEWAY_NET_TRANSPORT_LIMITS_H_
#define LIVECOUNTER_GATEWAY_NET_TRANSPORT_LIMITS_H_

#include <cstddef>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace livecounter::gateway {

struct TransportLimits {
  // From its first byte (a connection's first request: from the accept) to the end of its body.
  absl::Duration request = absl::Seconds(10);
  absl::Duration keep_alive = absl::Seconds(60);  // between two requests
  absl::Duration unwritable = absl::Seconds(30);  // takes no byte of what waits for it
  absl::Duration pong = absl::Seconds(10);
  absl::Duration close = absl::Seconds(5);   // for the other side's close frame
  absl::Duration linger = absl::Seconds(2);  // for the other side to read our last bytes
  // For streams: how long bytes may be under way before the kernel gives the peer up (TCP_USER_TIMEOUT).
  absl::Duration unacknowledged = absl::Seconds(15);
  // Bytes of stale frames that the kernel may hold for a stream (SO_SNDBUF, which doubles it).
  int stream_send_buffer = 4096;
  // Descriptors that connections leave to the rest of the process (descriptor_budget.h).
  int spare_descriptors = 1'500;
  // Of the whole process, where the limit is low (a shell has 1,024) and may be raised: what
  // --max_connections takes by default. With TLS three times as many.
  int wanted_descriptors = 20'000;
  // Connections of one loop, whatever they have become; new ones above that are closed. 0: any number.
  size_t connections = 0;
  // Bytes of a request's body.
  size_t body = 1024;
  // Bodies, chunked ones too, go to the handler (Request::body) instead of being dropped.
  bool keeps_bodies = false;
  // Headers that requests keep besides net::kKeptHeaders; lower case. What it views outlives the transport.
  absl::Span<const absl::string_view> more_headers = {};
  // Streams on which nothing was sent for this long have the kernel ask whether the peer is there; zero:
  // they do not, as streams that say something now and then have no need of it.
  absl::Duration probe = absl::ZeroDuration();
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_NET_TRANSPORT_LIMITS_H_
