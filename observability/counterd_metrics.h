// The metrics of the counter service and of its engine; see metrics.h for what holds of all.

#ifndef LIVECOUNTER_OBSERVABILITY_COUNTERD_METRICS_H_
#define LIVECOUNTER_OBSERVABILITY_COUNTERD_METRICS_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace livecounter::observability {

class CounterdMetrics {
 public:
  explicit CounterdMetrics(prometheus::Registry& registry);

  // Hits made durable.
  prometheus::Counter& hits() { return *hits_; }
  // Presences (distinct presence IDs, summed over counters).
  prometheus::Gauge& present() { return *present_; }
  // Gateway sessions that hold a share: attached and detached.
  prometheus::Gauge& sessions() { return *sessions_; }
  // 1 while recovering (design §1), else 0.
  prometheus::Gauge& recovering() { return *recovering_; }
  // Seconds from the first write of a group commit to its fsync.
  prometheus::Histogram& commit() { return *commit_; }
  // So many audits in which a gateway's digest was ours, and in which it was not.
  void CountAudits(int64_t matching, int64_t mismatching);
  prometheus::Gauge& audit_mismatch() { return *audit_mismatch_; }
  // Connections counted for billing.
  prometheus::Counter& usage_connections() { return *usage_connections_; }
  // Batches of those that could not be counted, and are tried again.
  prometheus::Counter& usage_refused() { return *usage_refused_; }

  // --- Set when the registry is about to be read. ---

  prometheus::Gauge& catalog_products() { return *catalog_products_; }
  prometheus::Counter& catalog_changes() { return *catalog_changes_; }
  prometheus::Gauge& catalog_watchers() { return *catalog_watchers_; }

 private:
  prometheus::Counter* hits_;
  prometheus::Gauge* present_;
  prometheus::Gauge* sessions_;
  prometheus::Gauge* recovering_;
  prometheus::Histogram* commit_;
  prometheus::Gauge* audit_mismatch_;
  prometheus::Counter* audits_match_;
  prometheus::Counter* audits_mismatch_;
  prometheus::Counter* usage_connections_;
  prometheus::Counter* usage_refused_;
  prometheus::Gauge* catalog_products_;
  prometheus::Counter* catalog_changes_;
  prometheus::Gauge* catalog_watchers_;
};

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

// Of the store below the embedded engine.
class StoreMetrics {
 public:
  explicit StoreMetrics(prometheus::Registry& registry);

  // Group commits that the disk refused.
  prometheus::Counter& commit_failures() { return *commit_failures_; }
  // Points of history that were written, or could not be and are tried again.
  prometheus::Counter& history_points(bool written) {
    return written ? *history_written_ : *history_failed_;
  }

  // --- Set when the registry is about to be read. ---

  // 1; 0 while the store refuses writes.
  prometheus::Gauge& writable() { return *writable_; }
  prometheus::Gauge& disk_free() { return *disk_free_; }
  prometheus::Gauge& tables() { return *tables_; }
  prometheus::Gauge& log() { return *log_; }
  prometheus::Gauge& compactions() { return *compactions_; }
  prometheus::Gauge& compaction_pending() { return *compaction_pending_; }
  prometheus::Gauge& counters_in_memory() { return *counters_in_memory_; }

 private:
  prometheus::Counter* commit_failures_;
  prometheus::Counter* history_written_;
  prometheus::Counter* history_failed_;
  prometheus::Gauge* writable_;
  prometheus::Gauge* disk_free_;
  prometheus::Gauge* tables_;
  prometheus::Gauge* log_;
  prometheus::Gauge* compactions_;
  prometheus::Gauge* compaction_pending_;
  prometheus::Gauge* counters_in_memory_;
};

}  // namespace livecounter::observability

#endif  // LIVECOUNTER_OBSERVABILITY_COUNTERD_METRICS_H_
