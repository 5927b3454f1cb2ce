// The metrics of gateways and of their console; see metrics.h for what holds of all.

#ifndef LIVECOUNTER_OBSERVABILITY_GATEWAY_METRICS_H_
#define LIVECOUNTER_OBSERVABILITY_GATEWAY_METRICS_H_

#include <array>
#include <cstddef>
#include <vector>

#include "absl/strings/string_view.h"
#include "observability/tls_handshake_result.h"
#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace livecounter::observability {

enum class Transport { kWebSocket, kSse };
inline constexpr size_t kTransports = 2;

// What a request of a client is for.
enum class Resource {
  kValue,  // the number of a hit counter, read once
  kHit,    // POST to a hit counter
  kBadge,
  kStream,  // an event stream or a WebSocket, or what should have been one
  kAsset,   // client.js and the like
  kOther,   // nothing that is here, or not what the method is for
};
inline constexpr size_t kResources = 6;

// Why a request was not served. Contract §2 and §3 say which status goes with each.
enum class RejectReason {
  kBadRequest,          // 400: a parameter or header is missing, doubled or malformed
  kUnknownKey,          // 401 or 404: no such key, or revoked
  kUnknownCounter,      // 404
  kOrigin,              // 403
  kMethod,              // 405
  kTooLarge,            // 413, 414, 431: body, request line or headers
  kNotAStream,          // 426: neither an upgrade nor an event stream
  kRateLimit,           // 429: over a token bucket
  kProductConnections,  // 429: max_connections of the product
  kAddressConnections,  // 429: max_connections_per_ip
  kDraining,            // 503
  kOverloaded,          // 503
  kUpstream,            // 503: counterd was away for too long
};
inline constexpr size_t kRejectReasons = 13;

// What became of an attempt to open a stream. Only kFailed is our fault.
enum class ConnectResult {
  kAccepted,
  kRefused,   // the client's doing, or a bound that it knows of
  kDraining,  // sent to another gateway
  kFailed,    // overloaded, or counterd away for too long
};
inline constexpr size_t kConnectResults = 4;
ConnectResult ResultOf(RejectReason reason);

// What was answered about a user of a product with verification; kNone: nobody answered.
enum class UserVerdict { kValid, kInvalid, kIndeterminate, kNone };
inline constexpr size_t kUserVerdicts = 4;

// The ports of a gateway that may speak TLS.
enum class TlsListener { kEdge, kConsole };
inline constexpr size_t kTlsListeners = 2;

class GatewayMetrics {
 public:
  explicit GatewayMetrics(prometheus::Registry& registry);

  prometheus::Gauge& connections(Transport t) { return *connections_[Index(t)]; }
  prometheus::Counter& connects(ConnectResult r) { return *connects_[static_cast<size_t>(r)]; }
  prometheus::Counter& requests(Resource r) { return *requests_[static_cast<size_t>(r)]; }
  prometheus::Counter& updates_sent(Transport t) { return *updates_sent_[Index(t)]; }
  prometheus::Counter& rejected(RejectReason r) { return *rejected_[static_cast<size_t>(r)]; }
  // Seconds from a change accepted by counterd to its update written to those who watch already.
  prometheus::Histogram& update_delay() { return *update_delay_; }
  // The upper bounds of its buckets, but for the last, which has none.
  static const std::vector<double>& UpdateDelayBounds();
  // Seconds from a whole POST to its answer, of hits that were counted.
  prometheus::Histogram& hit() { return *hit_; }
  // Counters that some client reads or streams, over all event loops.
  prometheus::Gauge& watched_counters() { return *watched_counters_; }
  prometheus::Counter& tls_handshakes(TlsListener listener, TlsHandshakeResult result) {
    return *tls_handshakes_[static_cast<size_t>(listener)][static_cast<size_t>(result)];
  }

  prometheus::Counter& verdicts(UserVerdict v) { return *verdicts_[static_cast<size_t>(v)]; }
  // Users of products with verification who are here and do not count.
  prometheus::Gauge& unverified_users() { return *unverified_users_; }
  prometheus::Gauge& verifications_in_flight() { return *verifications_in_flight_; }

  // --- Set when the registry is about to be read. ---

  // How old the newest value of the canary is (core/canary.h).
  prometheus::Gauge& canary_age() { return *canary_age_; }
  prometheus::Gauge& upstream_connected() { return *upstream_connected_; }
  prometheus::Gauge& catalog_products() { return *catalog_products_; }
  prometheus::Counter& catalog_changes() { return *catalog_changes_; }
  prometheus::Gauge& catalog_lost() { return *catalog_lost_; }
  prometheus::Gauge& usage_unsent_age() { return *usage_unsent_age_; }
  prometheus::Gauge& usage_unsent_connections() { return *usage_unsent_connections_; }
  prometheus::Counter& usage_journal_failures() { return *usage_journal_failures_; }

 private:
  static size_t Index(Transport t) { return static_cast<size_t>(t); }
  void RegisterEdge(prometheus::Registry& registry);
  void RegisterTls(prometheus::Registry& registry);
  void RegisterUpstream(prometheus::Registry& registry);
  void RegisterUsers(prometheus::Registry& registry);

  std::array<prometheus::Gauge*, kTransports> connections_;
  std::array<prometheus::Counter*, kConnectResults> connects_;
  std::array<prometheus::Counter*, kTransports> updates_sent_;
  std::array<prometheus::Counter*, kResources> requests_;
  std::array<prometheus::Counter*, kRejectReasons> rejected_;
  prometheus::Histogram* update_delay_;
  prometheus::Histogram* hit_;
  prometheus::Gauge* watched_counters_;
  std::array<std::array<prometheus::Counter*, kTlsHandshakeResults>, kTlsListeners> tls_handshakes_;
  std::array<prometheus::Counter*, kUserVerdicts> verdicts_;
  prometheus::Gauge* unverified_users_;
  prometheus::Gauge* verifications_in_flight_;
  prometheus::Gauge* canary_age_;
  prometheus::Gauge* upstream_connected_;
  prometheus::Gauge* catalog_products_;
  prometheus::Counter* catalog_changes_;
  prometheus::Gauge* catalog_lost_;
  prometheus::Gauge* usage_unsent_age_;
  prometheus::Gauge* usage_unsent_connections_;
  prometheus::Counter* usage_journal_failures_;
};

// Calls of the console's API, told apart as those of gRPC servers are.
class ConsoleMetrics {
 public:
  explicit ConsoleMetrics(prometheus::Registry& registry);

  // Shows the method at zero from now on. Only for methods that there are: their number is the bound of
  // the labels.
  void AddMethod(absl::string_view service, absl::string_view method);
  // A call has ended; `code` is a gRPC status code.
  prometheus::Counter& requests(absl::string_view service, absl::string_view method, int code);
  // Seconds from a whole request to its answer, of calls that are no streams.
  prometheus::Histogram& request() { return *request_; }
  // Open calls whose server streams.
  prometheus::Gauge& streams() { return *streams_; }

 private:
  prometheus::Family<prometheus::Counter>* requests_;
  prometheus::Histogram* request_;
  prometheus::Gauge* streams_;
};

}  // namespace livecounter::observability

#endif  // LIVECOUNTER_OBSERVABILITY_GATEWAY_METRICS_H_
