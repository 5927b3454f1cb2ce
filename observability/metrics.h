// Every metric of the project: name, help, labels and buckets are in metrics.cc and nowhere else
// (contract §7). Base units, bounded labels: never a counter, a urlId, a pId or a key.
//
// Each struct registers its families in the registry that is passed in and resolves each series
// once; methods then return the series without a look-up. Make one of each per registry; the
// registry outlives them. Series may be used from any thread. A prometheus::Counter or Gauge is an
// atomic; a Histogram takes a lock for each observation: observe once per batch or change, not once
// per delivery.

#ifndef LIVECOUNTER_OBSERVABILITY_METRICS_H_
#define LIVECOUNTER_OBSERVABILITY_METRICS_H_

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace livecounter::observability {

// livecounter_build_info{program,version} = 1, and process_start_time_seconds.
void RegisterBuildInfo(prometheus::Registry& registry, absl::string_view program,
                       absl::string_view version);

// --- Gateway ---------------------------------------------------------------------------------

enum class Transport { kWebSocket, kSse };
inline constexpr size_t kTransports = 2;

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

// What was answered about a user of a product with verification; kNone: nobody answered.
enum class UserVerdict { kValid, kInvalid, kIndeterminate, kNone };
inline constexpr size_t kUserVerdicts = 4;

class GatewayMetrics {
 public:
  explicit GatewayMetrics(prometheus::Registry& registry);

  prometheus::Gauge& connections(Transport t) { return *connections_[Index(t)]; }
  prometheus::Counter& updates_sent(Transport t) { return *updates_sent_[Index(t)]; }
  prometheus::Counter& rejected(RejectReason r) { return *rejected_[static_cast<size_t>(r)]; }
  // Seconds from a change accepted by counterd to its update written to the socket.
  prometheus::Histogram& update_delay() { return *update_delay_; }
  prometheus::Counter& verdicts(UserVerdict v) { return *verdicts_[static_cast<size_t>(v)]; }
  // Users of products with verification who are here and do not count.
  prometheus::Gauge& unverified_users() { return *unverified_users_; }
  prometheus::Gauge& verifications_in_flight() { return *verifications_in_flight_; }

 private:
  static size_t Index(Transport t) { return static_cast<size_t>(t); }

  std::array<prometheus::Gauge*, kTransports> connections_;
  std::array<prometheus::Counter*, kTransports> updates_sent_;
  std::array<prometheus::Counter*, kRejectReasons> rejected_;
  prometheus::Histogram* update_delay_;
  std::array<prometheus::Counter*, kUserVerdicts> verdicts_;
  prometheus::Gauge* unverified_users_;
  prometheus::Gauge* verifications_in_flight_;
};

// --- Counterd --------------------------------------------------------------------------------

class CounterdMetrics {
 public:
  explicit CounterdMetrics(prometheus::Registry& registry);

  // Hits made durable.
  prometheus::Counter& hits() { return *hits_; }
  // Presences (distinct presence IDs, summed over counters).
  prometheus::Gauge& present() { return *present_; }
  // Gateway sessions that hold a share: attached and detached.
  prometheus::Gauge& sessions() { return *sessions_; }
  // Seconds from the first write of a group commit to its fsync.
  prometheus::Histogram& commit() { return *commit_; }
  // Audits in which a gateway's digest was not ours.
  prometheus::Counter& audit_mismatch() { return *audit_mismatch_; }

 private:
  prometheus::Counter* hits_;
  prometheus::Gauge* present_;
  prometheus::Gauge* sessions_;
  prometheus::Histogram* commit_;
  prometheus::Counter* audit_mismatch_;
};

// --- Engine ----------------------------------------------------------------------------------

// The operations of the CounterEngine seam that answer.
enum class EngineOperation {
  kRaiseEpochAbove,
  kHit,
  kHitOnce,
  kCreate,
  kSetHits,
  kDelete,
  kRead,
  kList,
  kReadHistory,
  kDeleteProduct,
  kAddUsage,
  kReadUsage,
  kRecordSession,
  kProbe,
  kWriteRecords,
  kReadRecord,
  kListRecords,
  kBackup,
};
inline constexpr size_t kEngineOperations = 18;

class EngineMetrics {
 public:
  explicit EngineMetrics(prometheus::Registry& registry);

  // One operation has answered, `took` after it was called. Results are told apart as ok, refused
  // (the caller's doing, as NOT_FOUND) and failed (ours, as UNAVAILABLE).
  void Record(EngineOperation operation, const absl::Status& result, absl::Duration took);

 private:
  struct Series {
    prometheus::Counter* ok;
    prometheus::Counter* refused;
    prometheus::Counter* failed;
    prometheus::Histogram* seconds;
  };
  std::array<Series, kEngineOperations> series_;
};

// --- Verifier --------------------------------------------------------------------------------

enum class VerdictLabel { kValid, kInvalid, kIndeterminate };
inline constexpr size_t kVerdictLabels = 3;

class VerifierMetrics {
 public:
  explicit VerifierMetrics(prometheus::Registry& registry);

  // Calls of customers' endpoints by what they said.
  prometheus::Counter& verdicts(VerdictLabel v) { return *verdicts_[static_cast<size_t>(v)]; }
  // Seconds from a call's start to its answer, or to where we gave up.
  prometheus::Histogram& call() { return *call_; }
  // Asks that wait for a call to begin or to end.
  prometheus::Gauge& waiting() { return *waiting_; }
  prometheus::Gauge& calls_in_flight() { return *calls_in_flight_; }
  // Products whose circuit breaker is not closed.
  prometheus::Gauge& open_breakers() { return *open_breakers_; }
  // Users whose verdict is remembered.
  prometheus::Gauge& known() { return *known_; }

 private:
  std::array<prometheus::Counter*, kVerdictLabels> verdicts_;
  prometheus::Histogram* call_;
  prometheus::Gauge* waiting_;
  prometheus::Gauge* calls_in_flight_;
  prometheus::Gauge* open_breakers_;
  prometheus::Gauge* known_;
};

// --- gRPC servers ----------------------------------------------------------------------------

// The names and labels of go-grpc-middleware, so that existing dashboards work.
enum class GrpcType { kUnary, kClientStream, kServerStream, kBidiStream };
inline constexpr size_t kGrpcCodes = 17;  // OK (0) to UNAUTHENTICATED (16)

// The series of one method. Valid as long as the registry.
class GrpcMethodMetrics {
 public:
  prometheus::Counter& started() { return *started_; }
  prometheus::Counter& received() { return *received_; }
  prometheus::Counter& sent() { return *sent_; }
  // `code` is a gRPC status code; one out of range counts as Unknown.
  prometheus::Counter& handled(int code) {
    const bool known = code >= 0 && code < static_cast<int>(kGrpcCodes);
    return *handled_[known ? static_cast<size_t>(code) : 2];
  }
  // Null for streams: how long one lives says nothing about latency.
  prometheus::Histogram* handling_seconds() { return handling_seconds_; }

 private:
  friend class GrpcServerMetrics;
  prometheus::Counter* started_ = nullptr;
  prometheus::Counter* received_ = nullptr;
  prometheus::Counter* sent_ = nullptr;
  std::array<prometheus::Counter*, kGrpcCodes> handled_ = {};
  prometheus::Histogram* handling_seconds_ = nullptr;
};

class GrpcServerMetrics {
 public:
  explicit GrpcServerMetrics(prometheus::Registry& registry);

  // Makes all series of a method, at zero, so that rates are right from the first call.
  GrpcMethodMetrics Method(absl::string_view service, absl::string_view method, GrpcType type);

 private:
  prometheus::Family<prometheus::Counter>* started_;
  prometheus::Family<prometheus::Counter>* handled_;
  prometheus::Family<prometheus::Counter>* received_;
  prometheus::Family<prometheus::Counter>* sent_;
  prometheus::Family<prometheus::Histogram>* handling_seconds_;
};

}  // namespace livecounter::observability

#endif  // LIVECOUNTER_OBSERVABILITY_METRICS_H_
