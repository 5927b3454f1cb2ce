// The resource `/counters/{id}/` (contract §2): reading, streaming and adding to a hit counter; and its
// badge.

#ifndef LIVECOUNTER_GATEWAY_HTTP_COUNTER_RESOURCE_H_
#define LIVECOUNTER_GATEWAY_HTTP_COUNTER_RESOURCE_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "core/ids.h"
#include "gateway/catalog.h"
#include "gateway/client_limits.h"
#include "gateway/hub.h"
#include "gateway/loop_parts.h"
#include "gateway/transport.h"
#include "observability/metrics.h"

namespace livecounter::gateway {

// What a path below /counters/ names.
struct CounterPath {
  absl::string_view id;  // whatever its form
  bool is_badge =
      false;  // `/counters/{id}/badge.svg`; else `/counters/{id}`, the final slash left out
};

// Nothing for other paths. `id` is a view of `path`. Pure.
absl::optional<CounterPath> ParseCounterPath(absl::string_view path, bool has_escaped_slash);

// Belongs to its loop's thread.
class CounterResource {
 public:
  // How long a read waits while nothing is known of the counter, before 503.
  static constexpr absl::Duration kReadPatience = absl::Seconds(5);
  // How long a stream waits for the revision that its client has seen already (contract §2).
  static constexpr absl::Duration kCatchUpPatience = absl::Seconds(2);

  // `parts` outlives the resource. `shared_max_age`: for how long a cache between may serve a plain GET.
  CounterResource(LoopParts& parts, absl::Duration shared_max_age);

  // `path` as ParseCounterPath() gave it.
  void Serve(std::unique_ptr<Exchange> exchange, const CounterPath& path);

 private:
  // One request under way.
  struct Call {
    std::unique_ptr<Exchange> exchange;
    ProductPtr product;
    std::string key;  // by which it was found; "" for the public product
    CounterId counter;
    bool is_badge = false;

    const Request& request() const { return exchange->request(); }
  };
  using CallPtr = std::shared_ptr<const Call>;
  using Known = std::function<void(const Hub::Reading&)>;

  // The answer where the request names no product or no counter; else sets them.
  absl::optional<Response> Identify(absl::string_view id, Call* call);

  // Calls `known` if the counter exists; answers 404 if not, 503 if nobody knows.
  void Read(const CallPtr& call, Known known);
  // 503 while draining, else as Read().
  void ReadUnlessDraining(const CallPtr& call, Known known);
  void ServeValue(const CallPtr& call);
  void ServeBadge(const CallPtr& call);
  void ServeEventStream(const CallPtr& call);
  void CatchUp(const CallPtr& call);
  // Unless its client or its product has as many streams as it may.
  void StartEventStream(const CallPtr& call);
  void ServeHit(const CallPtr& call);
  void RejectTooManyHits(const Call& call, const ClientLimits::TooManyHits& too_many);
  void FinishHit(const CallPtr& call, const absl::StatusOr<int64_t>& value);
  // OPTIONS, and the methods that there are not.
  void ServeOther(const CallPtr& call);

  static void Respond(const Call& call, Response response);
  // With what caches need to know of a plain GET.
  void RespondCacheable(const Call& call, Response response);
  void Reject(const Call& call, observability::RejectReason reason, int status,
              absl::string_view detail);
  void RejectUnknown(const Call& call);
  void RejectForNow(const Call& call, observability::RejectReason reason, absl::string_view detail);

  LoopParts& parts_;
  const std::string cache_control_;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_HTTP_COUNTER_RESOURCE_H_
