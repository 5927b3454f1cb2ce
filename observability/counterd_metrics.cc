#include "observability/counterd_metrics.h"

#include "observability/metric_families.h"

namespace livecounter::observability {
namespace {

// From a commit of one sync put (0.1 ms) to a stalled disk.
const Buckets& CommitBuckets() {
  static const Buckets buckets = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                  0.025,  0.05,    0.1,    0.25,  0.5,    1,     2.5};
  return buckets;
}

// From a read in memory (µs) to a write that waits for a disk.
const Buckets& EngineBuckets() {
  static const Buckets buckets = {0.000005, 0.00001, 0.00005, 0.0001, 0.0005, 0.001,
                                  0.005,    0.01,    0.05,    0.1,    0.5,    1};
  return buckets;
}

constexpr std::array<const char*, kEngineOperations> kEngineOperationNames = {"raise_epoch_above",
                                                                              "hit",
                                                                              "hit_once",
                                                                              "create",
                                                                              "set_hits",
                                                                              "delete",
                                                                              "read",
                                                                              "list",
                                                                              "read_history",
                                                                              "delete_product",
                                                                              "add_usage",
                                                                              "read_usage",
                                                                              "record_session",
                                                                              "probe",
                                                                              "write_records",
                                                                              "read_record",
                                                                              "list_records",
                                                                              "backup"};

// Whether an error of the engine is the caller's doing: the request could not have been served.
bool IsRefusal(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kResourceExhausted:
      return true;
    default:
      return false;
  }
}

}  // namespace

CounterdMetrics::CounterdMetrics(prometheus::Registry& registry) {
  hits_ = &OneCounter(registry, "livecounter_counterd_hits_total", "Hits made durable.");
  present_ = &OneGauge(registry, "livecounter_counterd_present",
                       "Distinct presence IDs, summed over all counters.");
  sessions_ = &OneGauge(registry, "livecounter_counterd_sessions",
                        "Gateway sessions whose share is held, attached or detached.");
  recovering_ = &OneGauge(registry, "livecounter_counterd_recovering",
                          "1 after a start until the gateways of before have told what they hold.");
  commit_ = &OneHistogram(registry, "livecounter_counterd_commit_seconds",
                          "From the first write of a group commit to the end of its sync.",
                          CommitBuckets());
  // The name is the contract's; a name of a prometheus::Counter would end in _total.
  audit_mismatch_ = &OneGauge(registry, "livecounter_presence_audit_mismatch",
                              "Audits since the start in which a gateway and counterd held "
                              "different presences.");
  CounterFamily& audits = Counters(registry, "livecounter_presence_audits_total",
                                   "Comparisons of what a gateway and counterd hold.");
  audits_match_ = &audits.Add({{"result", "match"}});
  audits_mismatch_ = &audits.Add({{"result", "mismatch"}});
  usage_connections_ =
      &OneCounter(registry, "livecounter_counterd_usage_connections_total",
                  "Accepted connections counted for billing; a batch that is repeated after "
                  "a break shows twice, and is counted once.");
  usage_refused_ = &OneCounter(registry, "livecounter_counterd_usage_refused_total",
                               "Batches of accepted connections that could not be counted; each is "
                               "tried again.");
  catalog_products_ = &OneGauge(registry, "livecounter_counterd_catalog_products", "Products.");
  catalog_changes_ = &OneCounter(registry, "livecounter_counterd_catalog_changes_total",
                                 "Changes of products that gateways are told of.");
  catalog_watchers_ = &OneGauge(registry, "livecounter_counterd_catalog_watchers",
                                "Gateways that are told of changes of products.");
}

void CounterdMetrics::CountAudits(int64_t matching, int64_t mismatching) {
  audits_match_->Increment(static_cast<double>(matching));
  audits_mismatch_->Increment(static_cast<double>(mismatching));
  audit_mismatch_->Increment(static_cast<double>(mismatching));
}

EngineMetrics::EngineMetrics(prometheus::Registry& registry) {
  CounterFamily& operations = Counters(registry, "livecounter_engine_operations_total",
                                       "Operations that the engine has answered.");
  HistogramFamily& seconds = Histograms(registry, "livecounter_engine_operation_seconds",
                                        "From the call of an engine operation to its answer.");
  for (size_t i = 0; i < kEngineOperations; ++i) {
    const char* op = kEngineOperationNames[i];
    series_[i] = {.ok = &operations.Add({{"op", op}, {"result", "ok"}}),
                  .refused = &operations.Add({{"op", op}, {"result", "refused"}}),
                  .failed = &operations.Add({{"op", op}, {"result", "failed"}}),
                  .seconds = &seconds.Add({{"op", op}}, EngineBuckets())};
  }
}

void EngineMetrics::Record(EngineOperation operation, const absl::Status& result,
                           absl::Duration took) {
  const Series& series = series_[static_cast<size_t>(operation)];
  if (result.ok()) {
    series.ok->Increment();
  } else {
    (IsRefusal(result.code()) ? series.refused : series.failed)->Increment();
  }
  series.seconds->Observe(absl::ToDoubleSeconds(took));
}

StoreMetrics::StoreMetrics(prometheus::Registry& registry) {
  commit_failures_ = &OneCounter(registry, "livecounter_engine_commit_failures_total",
                                 "Group commits that the disk refused.");
  CounterFamily& history = Counters(registry, "livecounter_engine_history_points_total",
                                    "Points of history; failed ones are tried again.");
  history_written_ = &history.Add({{"result", "written"}});
  history_failed_ = &history.Add({{"result", "failed"}});
  writable_ = &OneGauge(registry, "livecounter_engine_writable",
                        "0 while the store refuses writes, as on a full disk; else 1.");
  disk_free_ = &OneGauge(registry, "livecounter_engine_disk_free_bytes",
                         "Free space of the file system that the store is on.");
  tables_ = &OneGauge(registry, "livecounter_engine_store_bytes", "Tables of the store on disk.");
  log_ = &OneGauge(registry, "livecounter_engine_wal_bytes",
                   "Log of the store that a start after a crash would replay.");
  compactions_ =
      &OneGauge(registry, "livecounter_engine_compactions_running", "Compactions of the store.");
  compaction_pending_ = &OneGauge(registry, "livecounter_engine_compaction_pending_bytes",
                                  "Estimate of what compactions have still to rewrite.");
  counters_in_memory_ = &OneGauge(registry, "livecounter_engine_counters_in_memory",
                                  "Counters that are kept in memory.");
}

}  // namespace livecounter::observability
