#include "services/counter/embedded/engine_records.h"

#include <cstddef>
#include <memory>

#include "services/counter/embedded/record_writes.h"
#include "services/counter/record_rules.h"

namespace livecounter::counter {

void EmbeddedEngine::EngineRecords::Write(std::vector<RecordWrite> writes,
                                          Callback<uint64_t> done) {
  const absl::Status form = CheckRecordWrites(writes);
  engine_.Add(std::make_unique<embedded::RecordsWrite>(std::move(writes), std::move(done)), form);
}

void EmbeddedEngine::EngineRecords::Read(std::string key, Callback<Record> done) {
  if (absl::Status form = CheckRecordKey(key); !form.ok()) return done(form);
  absl::StatusOr<absl::optional<Record>> record = Closed();
  if (const embedded::CallGate::Pass pass(engine_.gate_); pass) {
    record = embedded::FindRecord(*engine_.store_, key, engine_.clock_.Now());
  }
  if (!record.ok()) return done(record.status());
  if (!*record) return done(NoSuchRecord(key));
  done(**std::move(record));
}

void EmbeddedEngine::EngineRecords::List(std::string prefix, std::string after, int limit,
                                         Callback<std::vector<Record>> done) {
  if (absl::Status form = CheckRecordLimit(limit); !form.ok()) return done(form);
  engine_.AddTask<std::vector<Record>>(
      [this, prefix = std::move(prefix), after = std::move(after), limit] {
        return embedded::ListRecords(*engine_.store_, prefix, after, static_cast<size_t>(limit),
                                     engine_.clock_.Now());
      },
      std::move(done));
}

}  // namespace livecounter::counter
