#include "services/counter/metered_engine.h"

namespace livecounter::counter {

using observability::EngineOperation;

template <typename T>
CounterEngine::Callback<T> MeteredEngine::Measured(EngineOperation operation, Callback<T> done) {
  return [this, operation, began = clock_.Now(), done = std::move(done)](absl::StatusOr<T> result) {
    metrics_.Record(operation, result.status(), clock_.Now() - began);
    done(std::move(result));
  };
}

CounterEngine::StatusCallback MeteredEngine::Measured(EngineOperation operation,
                                                      StatusCallback done) {
  return [this, operation, began = clock_.Now(), done = std::move(done)](absl::Status result) {
    metrics_.Record(operation, result, clock_.Now() - began);
    done(std::move(result));
  };
}

void MeteredEngine::RaiseEpochAbove(uint64_t seen, Callback<uint64_t> done) {
  engine_.RaiseEpochAbove(seen, Measured(EngineOperation::kRaiseEpochAbove, std::move(done)));
}

void MeteredEngine::Hit(HitBatch batch, Callback<HitResult> done) {
  engine_.Hit(std::move(batch), Measured(EngineOperation::kHit, std::move(done)));
}

void MeteredEngine::HitOnce(KeyedHit hit, Callback<HitResult> done) {
  engine_.HitOnce(std::move(hit), Measured(EngineOperation::kHitOnce, std::move(done)));
}

void MeteredEngine::Create(CounterId counter, int64_t hits, Callback<Change> done) {
  engine_.Create(std::move(counter), hits, Measured(EngineOperation::kCreate, std::move(done)));
}

void MeteredEngine::SetHits(CounterId counter, int64_t hits, Callback<Change> done) {
  engine_.SetHits(std::move(counter), hits, Measured(EngineOperation::kSetHits, std::move(done)));
}

void MeteredEngine::Delete(CounterId counter, StatusCallback done) {
  engine_.Delete(std::move(counter), Measured(EngineOperation::kDelete, std::move(done)));
}

void MeteredEngine::Read(CounterId counter, Callback<Change> done) {
  engine_.Read(std::move(counter), Measured(EngineOperation::kRead, std::move(done)));
}

void MeteredEngine::List(std::string product, int page_size, std::string page_token,
                         Callback<CounterPage> done) {
  engine_.List(std::move(product), page_size, std::move(page_token),
               Measured(EngineOperation::kList, std::move(done)));
}

void MeteredEngine::RecordSession(HolderId holder, StatusCallback done) {
  engine_.RecordSession(holder, Measured(EngineOperation::kRecordSession, std::move(done)));
}

void MeteredEngine::Probe(StatusCallback done) {
  engine_.Probe(Measured(EngineOperation::kProbe, std::move(done)));
}

void MeteredEngine::Backup(std::string directory, StatusCallback done) {
  engine_.Backup(std::move(directory), Measured(EngineOperation::kBackup, std::move(done)));
}

}  // namespace livecounter::counter
