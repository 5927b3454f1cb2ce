// What the resources have in common that are nothing but a stream, over WebSocket or as an event stream
// (contract §3): `/sub` and `/watch`. Everything is checked before the upgrade.

#ifndef LIVECOUNTER_GATEWAY_HTTP_STREAM_RESOURCE_H_
#define LIVECOUNTER_GATEWAY_HTTP_STREAM_RESOURCE_H_

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "absl/types/variant.h"
#include "core/ids.h"
#include "gateway/catalog.h"
#include "gateway/loop_parts.h"
#include "gateway/transport.h"

namespace livecounter::gateway {

// Belongs to its loop's thread.
class StreamResource {
 public:
  // Everything but an upgrade.
  void Serve(std::unique_ptr<Exchange> exchange);
  // A WebSocket upgrade.
  absl::variant<Response, std::unique_ptr<StreamHandler>> Upgrade(const Request& request);

 protected:
  // Both outlive the resource.
  StreamResource(LoopParts& parts, const Catalog& catalog) : parts_(parts), catalog_(catalog) {}
  ~StreamResource() = default;

  // What a request asks for, when it may have it.
  struct Offer {
    std::shared_ptr<const Product> product;
    // Where a client that has seen a revision of it (Last-Event-ID) waits for that.
    absl::optional<CounterId> catch_up;
    std::function<std::unique_ptr<StreamHandler>(Connection::Kind)> make_stream;
  };
  // The offer, or the refusal.
  virtual absl::variant<Response, Offer> Check(const Request& request) = 0;

  // For Check(): the product with this key, or the refusal: the key is unknown, or the page's origin not
  // allowed.
  absl::variant<Response, std::shared_ptr<const Product>> FindProduct(const Request& request,
                                                                      absl::string_view key);
  // For Check(): 400 with what `status` says.
  Response RejectParameters(const Request& request, const absl::Status& status);

  LoopParts& parts() { return parts_; }

 private:
  void ServeGet(std::unique_ptr<Exchange> exchange);
  void ServeEventStream(std::unique_ptr<Exchange> exchange, Offer offer);
  // Unless its client has as many streams as it may.
  void StartEventStream(Exchange& exchange, const Offer& offer);
  Response NotAStream(const Request& request, const Product* product);

  LoopParts& parts_;
  const Catalog& catalog_;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_HTTP_STREAM_RESOURCE_H_
