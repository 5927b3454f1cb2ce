// One event loop of a gateway, whole: what serves its requests, and their end.

#ifndef LIVECOUNTER_GATEWAY_EDGE_LOOP_H_
#define LIVECOUNTER_GATEWAY_EDGE_LOOP_H_

#include <functional>
#include <memory>
#include <utility>

#include "absl/time/time.h"
#include "absl/types/variant.h"
#include "gateway/http/router.h"
#include "gateway/loop_drain.h"
#include "gateway/loop_parts.h"
#include "gateway/transport.h"

namespace livecounter::gateway {

// The transport's handler of one loop; belongs to its thread, but for Drain().
class EdgeLoop final : public RequestHandler {
 public:
  // All outlive it. `shared_max_age` as for CounterResource.
  EdgeLoop(EventLoop& loop, CounterClient& client, Catalog& catalog, UserGate& users,
           observability::GatewayMetrics& metrics, Admission& admission, runtime::Random& random,
           const Assets& assets, absl::Duration shared_max_age)
      : parts_(loop, client, catalog, users, metrics, admission, random),
        router_(parts_, assets, shared_max_age),
        drain_(parts_) {}

  void OnRequest(std::unique_ptr<Exchange> exchange) override {
    router_.OnRequest(std::move(exchange));
  }
  bool HasWebSocket(const Request& request) override { return router_.HasWebSocket(request); }
  absl::variant<Response, std::unique_ptr<StreamHandler>> OnUpgrade(
      const Request& request) override {
    return router_.OnUpgrade(request);
  }
  void OnRefused(const Request& request, Response& response) override {
    router_.OnRefused(request, response);
  }

  // Any thread, while the loop runs: LoopDrain::Start() in one of its turns. `done` runs on the loop.
  void Drain(absl::Duration duration, std::function<void()> done) {
    parts_.loop.Post([this, duration, done = std::move(done)] { drain_.Start(duration, done); });
  }

 private:
  LoopParts parts_;
  Router router_;
  LoopDrain drain_;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_EDGE_LOOP_H_
