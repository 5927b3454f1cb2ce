#include "gateway/http/sub_resource.h"

#include <memory>
#include <utility>

#include "gateway/counter_stream.h"
#include "gateway/http/query.h"
#include "gateway/presence_id.h"
#include "gateway/sse/event_stream.h"
#include "gateway/wipe.h"
#include "gateway/ws/sub_socket.h"

namespace livecounter::gateway {

absl::variant<Response, StreamResource::Offer> SubResource::Check(const Request& request) {
  absl::StatusOr<SubParameters> parameters = ParseSubParameters(request.query);
  if (!parameters.ok()) return RejectParameters(request, parameters.status());
  auto found = FindProduct(request, parameters->key);
  if (auto* refusal = absl::get_if<Response>(&found)) return std::move(*refusal);

  const ProductPtr product = absl::get<ProductPtr>(std::move(found));
  Subscription subscription;
  subscription.counter = {product->name, parameters->url_id};
  subscription.field = Field::kPresent;
  if (parameters->contributes) {
    subscription.presence = PresenceId(parameters->presence_id);
  }
  Wipe(parameters->presence_id);
  Offer offer;
  offer.product = product;
  offer.key = parameters->key;
  offer.catch_up = subscription.counter;
  offer.make_stream = [this, subscription = std::move(subscription)](
                          Connection::Kind kind,
                          LoopProducts::Place place) -> std::unique_ptr<StreamHandler> {
    if (kind == Connection::Kind::kWebSocket) {
      return std::make_unique<SubSocket>(parts(), std::move(place), subscription);
    }
    return std::make_unique<EventStream>(parts(), std::move(place), subscription);
  };
  return offer;
}

}  // namespace livecounter::gateway
