// The seam to customers' own servers: one POST, and what came of it.

#ifndef LIVECOUNTER_VERIFIER_CUSTOMER_ENDPOINT_H_
#define LIVECOUNTER_VERIFIER_CUSTOMER_ENDPOINT_H_

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace livecounter::verifier {

// A call has this long, from its being posted to the last byte of its answer (contract §4).
inline constexpr absl::Duration kCallTimeout = absl::Seconds(3);
// Calls that are sent together have it from their being sent; but so long after they were posted all have
// ended: an endpoint that is slow to connect to is found as slow as users find it.
inline constexpr absl::Duration kTogetherTimeout = absl::Milliseconds(3'100);
// They wait for each other to be connected for so long at most.
inline constexpr absl::Duration kLongestHold = absl::Milliseconds(1'500);
// A longer body is not read to its end.
inline constexpr size_t kMaxAnswerBytes = 1024;

struct EndpointCall {
  std::string uri;
  std::string body;
  std::vector<std::string> headers = {};  // each "name: value"
};

struct EndpointAnswer {
  // OK: `status` and `body` are the whole answer, a redirect's too. Else why there is none, in words for
  // the customer: InvalidArgument for the URI, PermissionDenied for its address, DeadlineExceeded,
  // OutOfRange for an answer that is too long, Cancelled where we stop, Unavailable for all else.
  absl::Status result = absl::OkStatus();
  int status = 0;
  std::string body = "";
  absl::Duration took = absl::ZeroDuration();  // without being held back for others
};

// All methods may be called from any thread. What they are given is called once for each call, on a
// thread of the endpoint's, never before the method returns; it must not block.
class CustomerEndpoint {
 public:
  virtual ~CustomerEndpoint() = default;

  using Done = std::function<void(EndpointAnswer)>;
  virtual void Post(EndpointCall call, Done done) = 0;

  // Connects for all calls first, then sends them all at the same time, but for those that are not connected
  // within kLongestHold, which are sent when they are. All end within kTogetherTimeout. `done` is called
  // with the index of each.
  using EachDone = std::function<void(size_t index, EndpointAnswer)>;
  virtual void PostTogether(std::vector<EndpointCall> calls, EachDone done) = 0;
};

}  // namespace livecounter::verifier

#endif  // LIVECOUNTER_VERIFIER_CUSTOMER_ENDPOINT_H_
