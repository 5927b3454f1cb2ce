// Reading the parameters of a request (contract §2, §3). Pure; any thread; any bytes.

#ifndef LIVECOUNTER_GATEWAY_HTTP_QUERY_H_
#define LIVECOUNTER_GATEWAY_HTTP_QUERY_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "gateway/transport.h"

namespace livecounter::gateway {

using Query = decltype(Request::query);

// The value of `name`, or nothing where it is missing. INVALID_ARGUMENT where it is there twice or malformed.
// The view lives as long as `query`.
absl::StatusOr<absl::optional<absl::string_view>> FindParameter(const Query& query,
                                                                absl::string_view name);

// INVALID_ARGUMENT that says of the parameter `name` how it is wrong ("is empty") and what it takes.
absl::Status WrongParameter(absl::string_view name, absl::string_view how, absl::string_view takes);

// What `/sub` is asked for; each in its form.
struct SubParameters {
  std::string url_id;       // 1–2,048 bytes of UTF-8
  std::string key;          // 1–64 bytes of UTF-8
  std::string presence_id;  // 1–256 bytes of UTF-8; never to be logged or kept (design §6)
  bool contributes = true;  // i is absent or "t"; false for "f"
};

// INVALID_ARGUMENT says which parameter is missing, empty, too long, there twice, malformed or not UTF-8, and
// what it takes. Other parameters are ignored.
absl::StatusOr<SubParameters> ParseSubParameters(const Query& query);

// What `/watch` is asked for.
struct WatchParameters {
  std::string key;                   // as for `/sub`
  std::vector<std::string> url_ids;  // each as for `/sub`; distinct, in their order
};

// As above. `urlId` may be there often, for up to `max_ids` different ids.
absl::StatusOr<WatchParameters> ParseWatchParameters(const Query& query, size_t max_ids);

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_HTTP_QUERY_H_
