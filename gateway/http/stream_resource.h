// What the resources have in common that are nothing but a stream, over WebSocket or as an event stream
// (contract §3): `/sub` and `/watch`. Everything is checked before the upgrade.

#ifndef LIVECOUNTER_GATEWAY_HTTP_STREAM_RESOURCE_H_
#define LIVECOUNTER_GATEWAY_HTTP_STREAM_RESOURCE_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "absl/types/variant.h"
#include "core/ids.h"
#include "gateway/catalog.h"
#include "gateway/loop_parts.h"
#include "gateway/loop_products.h"
#include "gateway/transport.h"
#include "observability/metrics.h"

namespace livecounter::gateway {

// Belongs to its loop's thread.
class StreamResource {
 public:
  // Everything but an upgrade.
  void Serve(std::unique_ptr<Exchange> exchange);
  // A WebSocket upgrade.
  absl::variant<Response, std::unique_ptr<StreamHandler>> Upgrade(const Request& request);

 protected:
  // `parts` outlives the resource.
  explicit StreamResource(LoopParts& parts) : parts_(parts) {}
  ~StreamResource() = default;

  // What a request asks for, when it may have it.
  struct Offer {
    ProductPtr product;
    std::string key;  // by which it was found
    // Where a client that has seen a revision of it (Last-Event-ID) waits for that.
    absl::optional<CounterId> catch_up;
    std::function<std::unique_ptr<StreamHandler>(Connection::Kind, LoopProducts::Place)>
        make_stream;
  };
  // The offer, or the refusal.
  virtual absl::variant<Response, Offer> Check(const Request& request) = 0;

  // For Check(): the product with this key, or the refusal: the key is unknown, or the page's origin not
  // allowed.
  absl::variant<Response, ProductPtr> FindProduct(const Request& request, absl::string_view key);
  // For Check(): 400 with what `status` says.
  Response RejectParameters(const Request& request, const absl::Status& status);

  LoopParts& parts() { return parts_; }

 private:
  void ServeGet(std::unique_ptr<Exchange> exchange);
  void ServeEventStream(std::unique_ptr<Exchange> exchange, Offer offer);
  // Unless its client or its product has as many streams as it may.
  void StartEventStream(Exchange& exchange, const Offer& offer);
  absl::variant<observability::RejectReason, std::unique_ptr<StreamHandler>> MakeStream(
      const Request& request, const Offer& offer, Connection::Kind kind);
  Response NotAStream(const Request& request, const Product* product);

  LoopParts& parts_;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_HTTP_STREAM_RESOURCE_H_
