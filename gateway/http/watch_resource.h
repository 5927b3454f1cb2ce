// The resource `/watch` (contract §3): presence of many urlIds on one connection, view-only, for pages
// with lists.

#ifndef LIVECOUNTER_GATEWAY_HTTP_WATCH_RESOURCE_H_
#define LIVECOUNTER_GATEWAY_HTTP_WATCH_RESOURCE_H_

#include "absl/types/variant.h"
#include "gateway/http/stream_resource.h"
#include "gateway/transport.h"

namespace livecounter::gateway {

// Belongs to its loop's thread.
class WatchResource final : public StreamResource {
 public:
  // `parts` outlives the resource.
  explicit WatchResource(LoopParts& parts) : StreamResource(parts) {}

 private:
  absl::variant<Response, Offer> Check(const Request& request) override;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_HTTP_WATCH_RESOURCE_H_
