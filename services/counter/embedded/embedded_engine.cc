#include "services/counter/embedded/embedded_engine.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/epoch.h"
#include "services/counter/embedded/control_writes.h"
#include "services/counter/embedded/counter_list.h"
#include "services/counter/embedded/encoding.h"
#include "services/counter/embedded/engine_records.h"
#include "services/counter/embedded/history_store.h"
#include "services/counter/embedded/hit_records.h"
#include "services/counter/embedded/hit_writes.h"
#include "services/counter/embedded/product_delete.h"
#include "services/counter/embedded/restore.h"
#include "services/counter/embedded/usage_writes.h"
#include "services/runtime/random.h"
#include "wire/names.h"

namespace livecounter::counter {
namespace {

using embedded::EpochWrite;
using embedded::Family;
using embedded::HitWrite;
using embedded::KeyedHitWrite;
using Pass = embedded::CallGate::Pass;
using embedded::ProbeWrite;
using embedded::SessionWrite;
using embedded::Store;
using embedded::TotalWrite;

absl::Status CheckCounter(const CounterId& counter) {
  if (absl::Status status = wire::CheckProductName(counter.product); !status.ok()) return status;
  return wire::CheckCounterId(counter.id);
}

absl::Status CheckHitCounter(const CounterId& counter) {
  if (absl::Status status = wire::CheckProductName(counter.product); !status.ok()) return status;
  return wire::CheckHitCounterId(counter.id);
}

// Of Create() and SetHits().
absl::Status CheckHits(const CounterId& counter, int64_t hits) {
  if (hits >= 0) return CheckHitCounter(counter);
  return absl::InvalidArgumentError(
      absl::StrCat("a counter cannot stand at ", hits, "; it takes 0 or more"));
}

// Of ReadUsage().
absl::Status CheckUsageName(absl::string_view name) {
  return wire::CheckProductName(name).ok() ? absl::OkStatus() : wire::CheckAccountName(name);
}

// Starts the next life of the store.
absl::StatusOr<uint64_t> StartEpoch(Store& store, absl::Time now, runtime::Random& random) {
  const auto value = store.Get(Family::kMeta, embedded::EpochKey());
  if (!value.ok()) return value.status();
  uint64_t last = 0;
  if (*value) {
    const absl::StatusOr<uint64_t> stored = embedded::DecodeNumber(**value);
    if (!stored.ok()) return stored.status();
    last = *stored;
  }
  const uint64_t epoch = NextEpoch(last, now, random.Uint64());
  const absl::Status written = store.Commit(
      {{Family::kMeta, embedded::EpochKey(), embedded::EncodeNumber(epoch)}}, /*sync=*/true);
  if (!written.ok()) return written;
  return epoch;
}

absl::StatusOr<std::vector<HolderId>> ReadSessions(const Store& store) {
  const auto records = store.Scan(Family::kSessions, "", "", std::numeric_limits<size_t>::max());
  if (!records.ok()) return records.status();
  std::vector<HolderId> sessions;
  for (const embedded::StoreEntry& record : *records) {
    const absl::optional<HolderId> holder = HolderId::FromBytes(record.key);
    if (!holder) return absl::DataLossError("a stored session has no holder");
    sessions.push_back(*holder);
  }
  return sessions;
}

embedded::CommitterOptions CommitterOptionsOf(const EmbeddedEngineOptions& options) {
  return {.sync = options.durability == Durability::kSync,
          .max_senders_in_memory = options.max_senders_in_memory,
          .sweep_interval = options.sweep_interval,
          .repair_interval = options.repair_interval,
          .on_commit = options.on_commit,
          .on_history = options.on_history,
          .logger = options.logger};
}

absl::Status MakeDirectory(const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (!error) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("could not make the data directory ", directory, ": ", error.message()));
}

}  // namespace

bool AbslParseFlag(absl::string_view text, Durability* durability, std::string* error) {
  if (text == "sync") {
    *durability = Durability::kSync;
  } else if (text == "async") {
    *durability = Durability::kAsync;
  } else {
    *error = "sync or async";
    return false;
  }
  return true;
}

std::string AbslUnparseFlag(Durability durability) {
  return durability == Durability::kSync ? "sync" : "async";
}

absl::StatusOr<std::unique_ptr<EmbeddedEngine>> EmbeddedEngine::Open(EmbeddedEngineOptions options,
                                                                     runtime::Clock& clock) {
  if (absl::Status made = MakeDirectory(options.directory); !made.ok()) return made;
  auto store = Store::Open({.directory = embedded::StoreDirectory(options.directory),
                            .block_cache_bytes = options.block_cache_bytes,
                            .env = options.env,
                            .logger = options.logger});
  if (!store.ok()) return store.status();
  auto sessions = ReadSessions(**store);
  if (!sessions.ok()) return sessions.status();
  runtime::SecureRandom secure_random;
  runtime::Random& random = options.random != nullptr ? *options.random : secure_random;
  const absl::StatusOr<uint64_t> epoch = StartEpoch(**store, clock.Now(), random);
  if (!epoch.ok()) return epoch.status();
  return std::unique_ptr<EmbeddedEngine>(new EmbeddedEngine(std::move(options), *std::move(store),
                                                            *epoch, *std::move(sessions), clock));
}

absl::StatusOr<embedded::Restored> EmbeddedEngine::RestoreFrom(const std::string& backup,
                                                               const std::string& data_directory) {
  if (absl::Status made = MakeDirectory(data_directory); !made.ok()) return made;
  return embedded::RestoreStore(backup, data_directory);
}

absl::Status EmbeddedEngine::CheckRestore(const std::string& backup,
                                          const std::string& data_directory) {
  return embedded::CheckRestore(backup, data_directory);
}

EmbeddedEngine::EmbeddedEngine(EmbeddedEngineOptions options, std::unique_ptr<Store> store,
                               uint64_t epoch, std::vector<HolderId> sessions,
                               runtime::Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      store_(std::move(store)),
      sessions_at_open_(std::move(sessions)),
      counters_(*store_, epoch, options_.shards, options_.max_counters_in_memory),
      records_(std::make_unique<EngineRecords>(*this, record_sink_)),
      committer_(*store_, counters_, record_sink_, clock, CommitterOptionsOf(options_)),
      background_(clock, [](absl::Time) { return absl::InfiniteFuture(); }),
      backups_(clock, [](absl::Time) { return absl::InfiniteFuture(); }) {}

EmbeddedEngine::~EmbeddedEngine() { Close(); }

absl::optional<embedded::StoreFacts> EmbeddedEngine::store_facts() const {
  const Pass pass(gate_);
  if (!pass) return absl::nullopt;
  return store_->Facts();
}

void EmbeddedEngine::RaiseEpochAbove(uint64_t seen, Callback<uint64_t> done) {
  absl::Status form;
  if (seen == std::numeric_limits<uint64_t>::max()) {
    form = absl::InvalidArgumentError("there is no epoch above the highest number");
  }
  Add(std::make_unique<EpochWrite>(seen, std::move(done)), form);
}

void EmbeddedEngine::Hit(HitBatch batch, Callback<HitResult> done) {
  const absl::Status form = CheckHitCounter(batch.counter);
  Add(std::make_unique<HitWrite>(std::move(batch), clock_.Now(), std::move(done)), form);
}

void EmbeddedEngine::HitOnce(KeyedHit hit, Callback<HitResult> done) {
  const absl::Status form = CheckHitCounter(hit.counter);
  Add(std::make_unique<KeyedHitWrite>(std::move(hit), options_.max_live_keys_per_product,
                                      clock_.Now(), std::move(done)),
      form);
}

void EmbeddedEngine::Create(NewCounter wanted, Callback<Change> done) {
  const absl::Status form = CheckHits(wanted.counter, wanted.hits);
  Add(std::make_unique<embedded::CreateWrite>(std::move(wanted), options_.max_live_keys_per_product,
                                              clock_.Now(), std::move(done)),
      form);
}

void EmbeddedEngine::SetHits(CounterId counter, int64_t hits, Callback<Change> done) {
  const absl::Status form = CheckHits(counter, hits);
  Add(std::make_unique<TotalWrite>(TotalWrite::Kind::kSet, std::move(counter), hits, clock_.Now(),
                                   std::move(done)),
      form);
}

void EmbeddedEngine::Delete(CounterId counter, StatusCallback done) {
  const absl::Status form = CheckHitCounter(counter);
  Add(std::make_unique<TotalWrite>(
          TotalWrite::Kind::kDelete, std::move(counter), absl::nullopt, clock_.Now(),
          [done = std::move(done)](const absl::StatusOr<Change>& left) { done(left.status()); }),
      form);
}

void EmbeddedEngine::Read(CounterId counter, Callback<Change> done) {
  if (absl::Status form = CheckCounter(counter); !form.ok()) return done(form);
  absl::StatusOr<Change> current = Closed();
  if (const Pass pass(gate_); pass) current = counters_.Read(counter);
  done(std::move(current));
}

void EmbeddedEngine::List(std::string product, int page_size, std::string page_token,
                          Callback<CounterPage> done) {
  if (absl::Status form = wire::CheckProductName(product); !form.ok()) return done(form);
  AddTask<CounterPage>(
      [this, product = std::move(product), page_size, page_token = std::move(page_token)] {
        return embedded::ListCounters(*store_, counters_, product, page_size, page_token,
                                      clock_.Now());
      },
      std::move(done));
}

void EmbeddedEngine::ReadHistory(CounterId counter, HistoryResolution resolution, absl::Time from,
                                 absl::Time to, Callback<std::vector<HistoryValue>> done) {
  if (absl::Status form = CheckCounter(counter); !form.ok()) return done(form);
  AddTask<std::vector<HistoryValue>>(
      [this, counter = std::move(counter), resolution, from, to] {
        const absl::Time now = clock_.Now();
        // Memory first: what leaves it meanwhile is in the store.
        std::vector<HistoryPoint> unwritten = counters_.History(counter, now);
        for (HistoryPoint& point : unwritten) {
          absl::Status filled = embedded::FillHits(*store_, counter, &point);
          if (!filled.ok()) return absl::StatusOr<std::vector<HistoryValue>>(filled);
        }
        return embedded::ReadHistory(*store_, counter, unwritten, resolution, from, to, now);
      },
      std::move(done));
}

void EmbeddedEngine::DeleteProduct(std::string product, StatusCallback done) {
  const absl::Status form = wire::CheckProductName(product);
  auto next = [this, product, done = std::move(done)](const absl::StatusOr<bool>& more) {
    if (more.ok() && *more) return DeleteProduct(product, done);
    done(more.status());
  };
  Add(std::make_unique<embedded::ProductDelete>(product, clock_.Now(), std::move(next)), form);
}

void EmbeddedEngine::AddUsage(HolderId holder, UsageBatch batch, StatusCallback done) {
  absl::Status form;
  for (const UsageEntry& entry : batch.entries) {
    if (form.ok()) form = wire::CheckProductName(entry.product);
  }
  Add(std::make_unique<embedded::UsageWrite>(holder, std::move(batch), std::move(done)), form);
}

void EmbeddedEngine::ReadUsage(UsageQuery query, Callback<std::vector<UsageEntry>> done) {
  if (absl::Status form = CheckUsageName(query.name); !form.ok()) return done(form);
  query.from = std::max<int64_t>(query.from, 0);
  AddTask<std::vector<UsageEntry>>(
      [this, query = std::move(query)] { return embedded::ReadUsage(*store_, query); },
      std::move(done));
}

void EmbeddedEngine::UpdatePresence(std::vector<PresenceDelta> deltas) {
  if (const Pass pass(gate_); pass) counters_.UpdatePresence(deltas, clock_.Now());
}

void EmbeddedEngine::RaiseFloor(CounterId counter, int64_t floor) {
  if (const Pass pass(gate_); pass) counters_.RaiseFloor(counter, floor, clock_.Now());
}

void EmbeddedEngine::EndRecovery() {
  if (const Pass pass(gate_); pass) counters_.EndRecovery(clock_.Now());
}

void EmbeddedEngine::Watch(CounterId counter) {
  if (const Pass pass(gate_); pass) counters_.Watch(counter);
}

void EmbeddedEngine::Unwatch(CounterId counter) {
  if (const Pass pass(gate_); pass) counters_.Unwatch(counter);
}

void EmbeddedEngine::RecordSession(HolderId holder, StatusCallback done) {
  Add(std::make_unique<SessionWrite>(SessionWrite::Kind::kRecord, holder, std::move(done)));
}

void EmbeddedEngine::ForgetSession(HolderId holder) {
  Add(std::make_unique<SessionWrite>(SessionWrite::Kind::kForget, holder,
                                     [](const absl::Status&) {}));
}

RecordStore& EmbeddedEngine::Records() { return *records_; }

void EmbeddedEngine::Probe(StatusCallback done) {
  Add(std::make_unique<ProbeWrite>(std::move(done)));
}

void EmbeddedEngine::Backup(std::string directory, StatusCallback done) {
  AddTaskTo<bool>(
      backups_,
      [this, directory = std::move(directory)]() -> absl::StatusOr<bool> {
        if (absl::Status copied = store_->CopyTo(directory); !copied.ok()) return copied;
        return true;
      },
      [done = std::move(done)](const absl::StatusOr<bool>& copied) { done(copied.status()); });
}

void EmbeddedEngine::Close() {
  absl::call_once(closed_, [this] {
    gate_.Close();
    committer_.Stop();
    background_.Stop();
    backups_.Stop();
    store_.reset();
  });
}

void EmbeddedEngine::Add(std::unique_ptr<embedded::Write> write, const absl::Status& form) {
  absl::Status refused = form;
  if (refused.ok()) {
    const Pass pass(gate_);
    if (pass) return committer_.Add(std::move(write));
    refused = Closed();
  }
  write->Fail(refused);
}

absl::Status EmbeddedEngine::Closed() {
  return absl::FailedPreconditionError("the counter store is closed: its process is going down");
}

}  // namespace livecounter::counter
