// The resource `/sub` (contract §3): presence of a urlId, over WebSocket or as an event stream.

#ifndef LIVECOUNTER_GATEWAY_HTTP_SUB_RESOURCE_H_
#define LIVECOUNTER_GATEWAY_HTTP_SUB_RESOURCE_H_

#include <memory>

#include "absl/types/variant.h"
#include "gateway/catalog.h"
#include "gateway/loop_parts.h"
#include "gateway/counter_stream.h"
#include "gateway/transport.h"

namespace livecounter::gateway {

// Belongs to its loop's thread.
class SubResource {
 public:
  // Both outlive the resource.
  SubResource(LoopParts& parts, const Catalog& catalog) : parts_(parts), catalog_(catalog) {}

  // Everything but an upgrade.
  void Serve(std::unique_ptr<Exchange> exchange);
  // A WebSocket upgrade; everything is checked before it.
  absl::variant<Response, std::unique_ptr<StreamHandler>> Upgrade(const Request& request);

 private:
  // What the request asks for, or why it may not. The raw presence ID goes no further than this.
  absl::variant<Response, Subscription> Check(const Request& request);
  void ServeGet(std::unique_ptr<Exchange> exchange);
  void CatchUp(std::unique_ptr<Exchange> exchange, Subscription subscription);
  void StartEventStream(Exchange& exchange, const Subscription& subscription);
  Response NotAStream(const Request& request, const Product* product);

  LoopParts& parts_;
  const Catalog& catalog_;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_HTTP_SUB_RESOURCE_H_
