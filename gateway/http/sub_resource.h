// The resource `/sub` (contract §3): presence of a urlId, over WebSocket or as an event stream.

#ifndef LIVECOUNTER_GATEWAY_HTTP_SUB_RESOURCE_H_
#define LIVECOUNTER_GATEWAY_HTTP_SUB_RESOURCE_H_

#include "absl/types/variant.h"
#include "gateway/http/stream_resource.h"
#include "gateway/transport.h"

namespace livecounter::gateway {

// Belongs to its loop's thread.
class SubResource final : public StreamResource {
 public:
  // `parts` outlives the resource.
  explicit SubResource(LoopParts& parts) : StreamResource(parts) {}

 private:
  absl::variant<Response, Offer> Check(const Request& request) override;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_HTTP_SUB_RESOURCE_H_
