// A CounterEngine that measures another one: how often each operation was asked for, how it ended,
// how long its answer took. It changes nothing else.

#ifndef LIVECOUNTER_SERVICES_COUNTER_METERED_ENGINE_H_
#define LIVECOUNTER_SERVICES_COUNTER_METERED_ENGINE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "observability/metrics.h"
#include "services/counter/engine.h"
#include "services/runtime/clock.h"

namespace livecounter::counter {

// Makes callbacks that are measured. Any thread.
class OperationMeter {
 public:
  // Both outlive it, and the callbacks that it made.
  OperationMeter(observability::EngineMetrics& metrics, runtime::Clock& clock)
      : metrics_(metrics), clock_(clock) {}

  // `done`, and before it a record of the operation that begins now.
  template <typename T>
  CounterEngine::Callback<T> Measured(observability::EngineOperation operation,
                                      CounterEngine::Callback<T> done) const;
  CounterEngine::StatusCallback Measured(observability::EngineOperation operation,
                                         CounterEngine::StatusCallback done) const;

 private:
  observability::EngineMetrics& metrics_;
  runtime::Clock& clock_;
};

// The records of a measured engine.
class MeteredRecordStore final : public RecordStore {
 public:
  // `records` outlives it.
  MeteredRecordStore(RecordStore& records, const OperationMeter& meter)
      : records_(records), meter_(meter) {}

  void Write(std::vector<RecordWrite> writes, Callback<uint64_t> done) override;
  void Read(std::string key, Callback<Record> done) override;
  void List(std::string prefix, std::string after, int limit,
            Callback<std::vector<Record>> done) override;
  void SetChangeSink(ChangeSink sink) override { records_.SetChangeSink(std::move(sink)); }

 private:
  RecordStore& records_;
  const OperationMeter meter_;
};

// Threads, errors, order: those of the engine within.
class MeteredEngine final : public CounterEngine {
 public:
  // All outlive it.
  MeteredEngine(CounterEngine& engine, observability::EngineMetrics& metrics, runtime::Clock& clock)
      : engine_(engine), meter_(metrics, clock), records_(engine.Records(), meter_) {}

  uint64_t Epoch() const override { return engine_.Epoch(); }
  void RaiseEpochAbove(uint64_t seen, Callback<uint64_t> done) override;

  void Hit(HitBatch batch, Callback<HitResult> done) override;
  void HitOnce(KeyedHit hit, Callback<HitResult> done) override;

  void SetProducts(const ProductDirectory& products) override { engine_.SetProducts(products); }
  void Create(NewCounter wanted, Callback<Change> done) override;
  void SetHits(CounterId counter, int64_t hits, Callback<Change> done) override;
  void Delete(CounterId counter, StatusCallback done) override;
  void Read(CounterId counter, Callback<Change> done) override;
  void List(std::string product, int page_size, std::string page_token,
            Callback<CounterPage> done) override;

  void ReadHistory(CounterId counter, HistoryResolution resolution, absl::Time from, absl::Time to,
                   Callback<std::vector<HistoryValue>> done) override;
  void DeleteProduct(std::string product, StatusCallback done) override;

  void AddUsage(HolderId holder, UsageBatch batch, StatusCallback done) override;
  void ReadUsage(UsageQuery query, Callback<std::vector<UsageEntry>> done) override;

  void UpdatePresence(std::vector<PresenceDelta> deltas) override {
    engine_.UpdatePresence(std::move(deltas));
  }
  void RaiseFloor(CounterId counter, int64_t floor) override {
    engine_.RaiseFloor(std::move(counter), floor);
  }
  void EndRecovery() override { engine_.EndRecovery(); }

  void SetChangeSink(ChangeSink sink) override { engine_.SetChangeSink(std::move(sink)); }
  void Watch(CounterId counter) override { engine_.Watch(std::move(counter)); }
  void Unwatch(CounterId counter) override { engine_.Unwatch(std::move(counter)); }

  void RecordSession(HolderId holder, StatusCallback done) override;
  void ForgetSession(HolderId holder) override { engine_.ForgetSession(holder); }
  std::vector<HolderId> SessionsAtOpen() const override { return engine_.SessionsAtOpen(); }

  RecordStore& Records() override { return records_; }

  void Probe(StatusCallback done) override;
  void Backup(std::string directory, StatusCallback done) override;
  void Close() override { engine_.Close(); }

 private:
  CounterEngine& engine_;
  const OperationMeter meter_;
  MeteredRecordStore records_;
};

}  // namespace livecounter::counter

#endif  // LIVECOUNTER_SERVICES_COUNTER_METERED_ENGINE_H_
