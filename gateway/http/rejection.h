// Refusals as both resources give them: counted by reason, and readable by whom it concerns.

#ifndef LIVECOUNTER_GATEWAY_HTTP_REJECTION_H_
#define LIVECOUNTER_GATEWAY_HTTP_REJECTION_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gateway/catalog.h"
#include "gateway/loop_parts.h"
#include "gateway/transport.h"
#include "observability/metrics.h"

namespace livecounter::gateway {

// The product whose key the request shows, or the public one where it shows none; null for none of either,
// and for a key that is there twice. For answers to requests that were not looked at any further.
ProductPtr ProductShown(LoopParts& parts, const Request& request);

// Counts that `request` is not served; where it asks for a stream, that it did so in vain, too.
void CountRejection(LoopParts& parts, const Request& request, observability::RejectReason reason);

// A problem (RFC 9457) with CORS headers; `product` as for AddCors(). Counts it under `reason`.
Response Reject(LoopParts& parts, const Request& request, const Product* product,
                observability::RejectReason reason, int status, absl::string_view detail);

// A passing refusal of something that is no event stream: 503 with Retry-After.
Response RejectForNow(LoopParts& parts, const Request& request, const Product* product,
                      observability::RejectReason reason, absl::string_view detail);

// One client or product has more than its share: 429 with Retry-After, `wait` rounded up to seconds.
Response RejectTooMany(LoopParts& parts, const Request& request, const Product* product,
                       observability::RejectReason reason, absl::Duration wait,
                       absl::string_view detail);
// The same for a stream that is no event stream, where the client's address or the product has as many open
// as it may: kAddressConnections or kProductConnections.
Response RejectTooManyConnections(LoopParts& parts, const Request& request, const Product* product,
                                  observability::RejectReason reason);

// A passing refusal of a new stream; `reason` is that of Admission::Refusal(), or kUpstream where no product
// is known yet.
Response RejectWebSocketForNow(LoopParts& parts, const Request& request, const Product* product,
                               observability::RejectReason reason);
// The answer to any request for a product or a stream while nobody has told this gateway of any.
Response RejectUntilProductsAreKnown(LoopParts& parts, const Request& request);
// Event streams are told in their own way, or they would never come back (contract §2).
Response RejectEventStreamForNow(LoopParts& parts, const Request& request, const Product* product,
                                 observability::RejectReason reason);

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_HTTP_REJECTION_H_
