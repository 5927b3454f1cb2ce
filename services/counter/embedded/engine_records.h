// The records of the embedded engine: RecordStore over its store and its committer. They are read from
// the store each time, which has what is hot in its memory.

#ifndef LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_ENGINE_RECORDS_H_
#define LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_ENGINE_RECORDS_H_

#include <string>
#include <utility>
#include <vector>

#include "services/counter/embedded/embedded_engine.h"
#include "services/counter/embedded/record_sink.h"
#include "services/counter/record_store.h"

namespace livecounter::counter {

// All methods may be called from any thread.
class EmbeddedEngine::EngineRecords final : public RecordStore {
 public:
  // `engine` owns it.
  EngineRecords(EmbeddedEngine& engine, embedded::RecordSink& sink)
      : engine_(engine), sink_(sink) {}

  void Write(std::vector<RecordWrite> writes, Callback<uint64_t> done) override;
  void Read(std::string key, Callback<Record> done) override;
  void List(std::string prefix, std::string after, int limit,
            Callback<std::vector<Record>> done) override;
  void SetChangeSink(ChangeSink sink) override { sink_.Set(std::move(sink)); }

 private:
  EmbeddedEngine& engine_;
  embedded::RecordSink& sink_;
};

}  // namespace livecounter::counter

#endif  // LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_ENGINE_RECORDS_H_
