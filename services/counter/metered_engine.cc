#include "services/counter/metered_engine.h"

namespace livecounter::counter {

using observability::EngineOperation;

template <typename T>
CounterEngine::Callback<T> OperationMeter::Measured(EngineOperation operation,
                                                    CounterEngine::Callback<T> done) const {
  return [meter = *this, operation, began = clock_.Now(),
          done = std::move(done)](absl::StatusOr<T> result) {
    meter.metrics_.Record(operation, result.status(), meter.clock_.Now() - began);
    done(std::move(result));
  };
}

CounterEngine::StatusCallback OperationMeter::Measured(EngineOperation operation,
                                                       CounterEngine::StatusCallback done) const {
  return [meter = *this, operation, began = clock_.Now(),
          done = std::move(done)](absl::Status result) {
    meter.metrics_.Record(operation, result, meter.clock_.Now() - began);
    done(std::move(result));
  };
}

void MeteredRecordStore::Write(std::vector<RecordWrite> writes, Callback<uint64_t> done) {
  records_.Write(std::move(writes),
                 meter_.Measured(EngineOperation::kWriteRecords, std::move(done)));
}

void MeteredRecordStore::Read(std::string key, Callback<Record> done) {
  records_.Read(std::move(key), meter_.Measured(EngineOperation::kReadRecord, std::move(done)));
}

void MeteredRecordStore::List(std::string prefix, std::string after, int limit,
                              Callback<std::vector<Record>> done) {
  records_.List(std::move(prefix), std::move(after), limit,
                meter_.Measured(EngineOperation::kListRecords, std::move(done)));
}

void MeteredEngine::RaiseEpochAbove(uint64_t seen, Callback<uint64_t> done) {
  engine_.RaiseEpochAbove(seen,
                          meter_.Measured(EngineOperation::kRaiseEpochAbove, std::move(done)));
}

void MeteredEngine::Hit(HitBatch batch, Callback<HitResult> done) {
  engine_.Hit(std::move(batch), meter_.Measured(EngineOperation::kHit, std::move(done)));
}

void MeteredEngine::HitOnce(KeyedHit hit, Callback<HitResult> done) {
  engine_.HitOnce(std::move(hit), meter_.Measured(EngineOperation::kHitOnce, std::move(done)));
}

void MeteredEngine::Create(NewCounter wanted, Callback<Change> done) {
  engine_.Create(std::move(wanted), meter_.Measured(EngineOperation::kCreate, std::move(done)));
}

void MeteredEngine::SetHits(CounterId counter, int64_t hits, Callback<Change> done) {
  engine_.SetHits(std::move(counter), hits,
                  meter_.Measured(EngineOperation::kSetHits, std::move(done)));
}

void MeteredEngine::Delete(CounterId counter, StatusCallback done) {
  engine_.Delete(std::move(counter), meter_.Measured(EngineOperation::kDelete, std::move(done)));
}

void MeteredEngine::Read(CounterId counter, Callback<Change> done) {
  engine_.Read(std::move(counter), meter_.Measured(EngineOperation::kRead, std::move(done)));
}

void MeteredEngine::List(std::string product, int page_size, std::string page_token,
                         Callback<CounterPage> done) {
  engine_.List(std::move(product), page_size, std::move(page_token),
               meter_.Measured(EngineOperation::kList, std::move(done)));
}

void MeteredEngine::ReadHistory(CounterId counter, HistoryResolution resolution, absl::Time from,
                                absl::Time to, Callback<std::vector<HistoryValue>> done) {
  engine_.ReadHistory(std::move(counter), resolution, from, to,
                      meter_.Measured(EngineOperation::kReadHistory, std::move(done)));
}

void MeteredEngine::DeleteProduct(std::string product, StatusCallback done) {
  engine_.DeleteProduct(std::move(product),
                        meter_.Measured(EngineOperation::kDeleteProduct, std::move(done)));
}

void MeteredEngine::AddUsage(HolderId holder, UsageBatch batch, StatusCallback done) {
  engine_.AddUsage(holder, std::move(batch),
                   meter_.Measured(EngineOperation::kAddUsage, std::move(done)));
}

void MeteredEngine::ReadUsage(UsageQuery query, Callback<std::vector<UsageEntry>> done) {
  engine_.ReadUsage(std::move(query),
                    meter_.Measured(EngineOperation::kReadUsage, std::move(done)));
}

void MeteredEngine::RecordSession(HolderId holder, StatusCallback done) {
  engine_.RecordSession(holder, meter_.Measured(EngineOperation::kRecordSession, std::move(done)));
}

void MeteredEngine::Probe(StatusCallback done) {
  engine_.Probe(meter_.Measured(EngineOperation::kProbe, std::move(done)));
}

void MeteredEngine::Backup(std::string directory, StatusCallback done) {
  engine_.Backup(std::move(directory), meter_.Measured(EngineOperation::kBackup, std::move(done)));
}

}  // namespace livecounter::counter
