// The console's API: requests of the Connect protocol carried to counterd. The loop's thread only.
//
// A call under way is cancelled when its client goes. Of a stream at most one message is held here: the next
// is asked for when the client's socket has taken it whole.

#ifndef LIVECOUNTER_GATEWAY_CONSOLE_API_H_
#define LIVECOUNTER_GATEWAY_CONSOLE_API_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/types/optional.h"
#include "core/token_bucket.h"
#include "gateway/address_connections.h"
#include "gateway/console/connect_request.h"
#include "gateway/console/method_table.h"
#include "gateway/console/upstream.h"
#include "gateway/rate_limiter.h"
#include "gateway/transport.h"
#include "observability/gateway_metrics.h"
#include "services/runtime/ip_address.h"

namespace livecounter::gateway::console {

struct ApiOptions {
  bool own_tls = false;  // the console itself speaks TLS
  runtime::IpRanges trusted_proxies = {};
  // Sign-ins and sign-ups of an address (client_address.h; of IPv6 the /64), before anybody looks at them.
  TokenBucket::Rate sign_ins = {.interval = absl::Seconds(3), .burst = 20};
  int64_t max_streams = 256;  // open ones, of all addresses
  int64_t max_streams_per_address = 32;
};

class Api {
 public:
  // All outlive the API; no upstream: every call is answered UNAVAILABLE.
  Api(const ApiOptions& options, EventLoop& loop, const MethodTable& methods, Upstream* upstream,
      observability::ConsoleMetrics& metrics);
  // After the last stream was closed.
  ~Api();
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  // Answers a request for a path that begins with kApiPrefix.
  void OnRequest(std::unique_ptr<Exchange> exchange);

  // Ends all streams with UNAVAILABLE, and refuses new calls so. `done` is called, once, when no call is
  // under way any more.
  void Drain(std::function<void()> done);

 private:
  class UnaryCall;
  class StreamCall;

  // What is to be carried, or the error.
  absl::StatusOr<UpstreamRequest> MakeUpstreamRequest(const Request& request,
                                                      const ConnectCall& call);
  // Answers 429 where the client has signed in too often.
  bool IsSignInRefused(const ConnectCall& call, Exchange& exchange);
  absl::Status TakeStreamPlace(const Request& request, AddressConnections::Place& place);

  void StartUnary(const ConnectCall& call, UpstreamRequest request,
                  std::unique_ptr<Exchange> exchange);
  void StartStream(const ConnectCall& call, UpstreamRequest request,
                   std::unique_ptr<Exchange> exchange);
  // An error before there is a call, as the method's kind has it.
  void RespondError(const ConnectCall& call, const absl::Status& error, Exchange& exchange);
  void RespondRefusal(const ConnectRefusal& refusal, Exchange& exchange);
  void CountEnd(const ConnectCall& call, const absl::Status& status);
  void Remove(UnaryCall& call);
  void Remove(StreamCall& call);
  void CheckDrained();

  const ApiOptions options_;
  EventLoop& loop_;
  const MethodTable& methods_;
  Upstream* const upstream_;
  observability::ConsoleMetrics& metrics_;
  RateLimiter<runtime::IpAddress> sign_ins_;
  AddressConnections stream_places_;
  absl::flat_hash_set<std::unique_ptr<UnaryCall>> unary_calls_;
  absl::flat_hash_set<StreamCall*> streams_;  // owned by their connections
  std::function<void()> on_drained_;          // set: draining
  bool is_draining_ = false;
};

}  // namespace livecounter::gateway::console

#endif  // LIVECOUNTER_GATEWAY_CONSOLE_API_H_
