// Which resource a request is for.

#ifndef LIVECOUNTER_GATEWAY_HTTP_ROUTER_H_
#define LIVECOUNTER_GATEWAY_HTTP_ROUTER_H_

#include <memory>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/variant.h"
#include "gateway/catalog.h"
#include "gateway/http/assets.h"
#include "gateway/http/counter_resource.h"
#include "gateway/http/sub_resource.h"
#include "gateway/http/watch_resource.h"
#include "gateway/loop_parts.h"
#include "gateway/transport.h"

namespace livecounter::gateway {

// Belongs to its loop's thread.
class Router final : public RequestHandler {
 public:
  // All outlive the router. `shared_max_age` as for CounterResource.
  Router(LoopParts& parts, const Assets& assets, absl::Duration shared_max_age);

  void OnRequest(std::unique_ptr<Exchange> exchange) override;
  bool HasWebSocket(const Request& request) override { return StreamAt(request.path) != nullptr; }
  absl::variant<Response, std::unique_ptr<StreamHandler>> OnUpgrade(
      const Request& request) override;
  void OnRefused(const Request& request, Response& response) override;

 private:
  // The resource at `path` that is a stream; null for none.
  StreamResource* StreamAt(absl::string_view path);

  void Count(observability::Resource resource);

  LoopParts& parts_;
  const Assets& assets_;
  CounterResource counters_;
  SubResource sub_;
  WatchResource watch_;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_HTTP_ROUTER_H_
