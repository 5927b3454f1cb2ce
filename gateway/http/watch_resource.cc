#include "gateway/http/watch_resource.h"

#include <memory>
#include <utility>

#include "gateway/http/query.h"
#include "gateway/watch_stream.h"

namespace livecounter::gateway {

absl::variant<Response, StreamResource::Offer> WatchResource::Check(const Request& request) {
  absl::StatusOr<WatchParameters> parameters =
      ParseWatchParameters(request.query, WatchStream::kMaxCounters);
  if (!parameters.ok()) return RejectParameters(request, parameters.status());
  auto found = FindProduct(request, parameters->key);
  if (auto* refusal = absl::get_if<Response>(&found)) return std::move(*refusal);

  Offer offer;
  offer.product = absl::get<ProductPtr>(std::move(found));
  offer.key = parameters->key;
  offer.make_stream = [this, ids = std::move(parameters->url_ids)](
                          Connection::Kind,
                          LoopProducts::Place place) -> std::unique_ptr<StreamHandler> {
    return std::make_unique<WatchStream>(parts(), std::move(place), ids);
  };
  return offer;
}

}  // namespace livecounter::gateway
