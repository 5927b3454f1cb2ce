// Cross-origin headers for every answer, errors too (contract §2; the Fetch standard's CORS protocol).
// Credentials are never asked for, so "*" is enough where any origin is allowed. Pure; any thread.

#ifndef LIVECOUNTER_GATEWAY_HTTP_CORS_H_
#define LIVECOUNTER_GATEWAY_HTTP_CORS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "gateway/catalog.h"
#include "gateway/transport.h"

namespace livecounter::gateway {

using Headers = std::vector<std::pair<std::string, std::string>>;

// Lets pages of the product's allowed origins read the answer to `request`. A null `product` is an
// answer that says nothing about any (an unknown key), and anybody may read it.
void AddCors(const Request& request, const Product* product, Headers* headers);

// The answer to OPTIONS: 204 with what a page may send to a resource that has the methods `allow`.
Response Preflight(const Request& request, const Product* product, absl::string_view allow);

// False when the request is made by a page of an origin that `product` does not allow.
bool OriginMayUse(const Request& request, const Product& product);

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_HTTP_CORS_H_
