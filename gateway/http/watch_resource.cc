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
  offer.product = absl::get<std::shared_ptr<const Product>>(std::move(found));
  offer.make_stream = [this, product = offer.product, ids = std::move(parameters->url_ids)](
                          Connection::Kind) -> std::unique_ptr<StreamHandler> {
    return std::make_unique<WatchStream>(parts(), product, ids);
  };
  return offer;
}

}  // namespace livecounter::gateway
