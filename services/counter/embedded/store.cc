#include "services/counter/embedded/store.h"

#include <array>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "rocksdb/db.h"
#include "rocksdb/env.h"
#include "rocksdb/transaction_log.h"
#include "rocksdb/utilities/checkpoint.h"
#include "rocksdb/write_batch.h"
#include "services/counter/embedded/encoding.h"
#include "services/counter/embedded/rocksdb_options.h"
#include "services/counter/embedded/rocksdb_status.h"
#include "services/runtime/version.h"

namespace livecounter::counter::embedded {
namespace {

// Of the layout of families and keys; values have their own. It rises with what an older release would
// misread or leave untrue, and then Open() is where older stores are brought to it; a family more, which
// the older one has no use for, is no reason (docs/operations/upgrade.md).
constexpr uint64_t kFormat = 1;
constexpr absl::string_view kFormatKey = "format";

rocksdb::Slice ToSlice(absl::string_view text) { return {text.data(), text.size()}; }
absl::string_view ToView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

// By number of the family; the first is RocksDB's default.
constexpr std::array<const char*, kFamilies> kFamilyNames = {
    "default",       "counters", "senders",       "keys",    "key_expiry", "sessions", "records",
    "record_expiry", "usage",    "usage_holders", "minutes", "hours",      "histories"};

// Those of `Family` in their order, then what else there is in the directory.
std::vector<rocksdb::ColumnFamilyDescriptor> Families(const rocksdb::Options& options,
                                                      const std::string& directory) {
  std::vector<std::string> names(kFamilyNames.begin(), kFamilyNames.end());
  std::vector<std::string> found;
  // Fails where there is no store yet; what else is wrong, opening it will tell.
  rocksdb::DB::ListColumnFamilies(options, directory, &found).PermitUncheckedError();
  for (const std::string& name : found) {
    if (!absl::c_linear_search(kFamilyNames, name)) names.push_back(name);
  }
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  families.reserve(names.size());
  for (const std::string& name : names) {
    families.emplace_back(name, rocksdb::ColumnFamilyOptions(options));
  }
  return families;
}

bool IsLocked(const rocksdb::Status& status) {
  return status.IsIOError() && absl::StrContains(status.ToString(), "/LOCK:");
}

absl::Status NotOpen(absl::string_view directory) {
  return absl::UnavailableError(absl::StrCat("the store in ", directory,
                                             " is not open: its disk failed; check the disk, ",
                                             "and it opens again by itself"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> Store::Open(StoreOptions options) {
  std::unique_ptr<Store> store(new Store(std::move(options)));
  absl::MutexLock lock(&store->mutex_);
  absl::Status status = store->OpenForWriting();
  if (status.ok()) status = store->CheckFormat();
  if (!status.ok()) return status;
  return store;
}

Store::Store(StoreOptions options) : options_(std::move(options)) {}

Store::~Store() {
  absl::MutexLock lock(&mutex_);
  CloseLocked();
}

absl::StatusOr<absl::optional<std::string>> Store::Get(Family family, absl::string_view key) const {
  absl::ReaderMutexLock lock(&mutex_);
  if (db_ == nullptr) return NotOpen(options_.directory);
  rocksdb::PinnableSlice value;
  const rocksdb::Status status =
      db_->Get(rocksdb::ReadOptions(), Handle(family), ToSlice(key), &value);
  if (status.IsNotFound()) return absl::optional<std::string>();
  if (!status.ok()) return ToStatus(status, absl::StrCat("read from ", options_.directory));
  return absl::optional<std::string>(value.ToString());
}

absl::StatusOr<std::vector<StoreEntry>> Store::Scan(Family family, absl::string_view prefix,
                                                    absl::string_view from, size_t limit) const {
  absl::ReaderMutexLock lock(&mutex_);
  if (db_ == nullptr) return NotOpen(options_.directory);
  std::vector<StoreEntry> records;
  const std::unique_ptr<rocksdb::Iterator> at(
      db_->NewIterator(rocksdb::ReadOptions(), Handle(family)));
  for (at->Seek(ToSlice(from < prefix ? prefix : from));
       at->Valid() && at->key().starts_with(ToSlice(prefix)) && records.size() < limit;
       at->Next()) {
    records.push_back({std::string(ToView(at->key())), std::string(ToView(at->value()))});
  }
  if (!at->status().ok()) {
    return ToStatus(at->status(), absl::StrCat("read from ", options_.directory));
  }
  return records;
}

absl::Status Store::Commit(const std::vector<Mutation>& mutations, bool sync) {
  if (needs_repair()) return NotOpen(options_.directory);
  absl::ReaderMutexLock lock(&mutex_);
  rocksdb::WriteBatch batch;
  for (const Mutation& mutation : mutations) {
    const rocksdb::Status added =
        mutation.value
            ? batch.Put(Handle(mutation.family), ToSlice(mutation.key), ToSlice(*mutation.value))
            : batch.Delete(Handle(mutation.family), ToSlice(mutation.key));
    if (!added.ok()) return ToStatus(added, "make a batch of writes");
  }
  rocksdb::WriteOptions options;
  options.sync = sync;
  const rocksdb::Status status = db_->Write(options, &batch);
  if (!status.ok()) broken_.store(true, std::memory_order_relaxed);
  return ToStatus(status, absl::StrCat("write to ", options_.directory));
}

absl::Status Store::Repair() {
  if (!needs_repair()) return absl::OkStatus();
  if (absl::Status status = CheckRoom(); !status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  CloseLocked();
  if (absl::Status status = OpenForWriting(); !status.ok()) {
    OpenForReading().IgnoreError();  // reads then say that it is not open
    return status;
  }
  broken_.store(false, std::memory_order_relaxed);
  return absl::OkStatus();
}

absl::optional<StoreFacts> Store::Facts() const {
  if (!mutex_.ReaderTryLock()) return absl::nullopt;
  const StoreFacts facts = FactsLocked();
  mutex_.ReaderUnlock();
  return facts;
}

StoreFacts Store::FactsLocked() const {
  using Properties = rocksdb::DB::Properties;
  StoreFacts facts;
  facts.is_writable = !needs_repair();
  // What cannot be known is 0.
  env().GetFreeSpace(options_.directory, &facts.disk_free_bytes).PermitUncheckedError();
  if (db_ == nullptr) return facts;
  db_->GetAggregatedIntProperty(Properties::kTotalSstFilesSize, &facts.table_bytes);
  db_->GetIntProperty(Properties::kNumRunningCompactions, &facts.compactions);
  db_->GetAggregatedIntProperty(Properties::kEstimatePendingCompactionBytes,
                                &facts.compaction_pending_bytes);
  rocksdb::VectorLogPtr logs;
  if (!facts.is_writable || !db_->GetSortedWalFiles(logs).ok()) return facts;
  for (const auto& log : logs) facts.log_bytes += log->SizeFileBytes();
  return facts;
}

absl::Status Store::CopyTo(const std::string& directory) const {
  if (env().FileExists(directory).ok()) {
    return absl::AlreadyExistsError(
        absl::StrCat(directory, " exists; a backup is written into a directory that does not"));
  }
  absl::ReaderMutexLock lock(&mutex_);
  if (db_ == nullptr) return NotOpen(options_.directory);
  const std::string doing = absl::StrCat("back up ", options_.directory, " into ", directory);
  rocksdb::Checkpoint* raw = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(db_.get(), &raw);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(raw);
  // Flushes first, so that the copy opens without a log to replay.
  if (status.ok()) status = checkpoint->CreateCheckpoint(directory, /*log_size_for_flush=*/0);
  return ToStatus(status, doing);
}

absl::Status Store::VerifyChecksums() const {
  absl::ReaderMutexLock lock(&mutex_);
  if (db_ == nullptr) return NotOpen(options_.directory);
  return ToStatus(db_->VerifyChecksum(), absl::StrCat("read all of ", options_.directory));
}

absl::Status Store::OpenForWriting() {
  const rocksdb::Options options =
      MakeRocksDbOptions(options_.block_cache_bytes, options_.env, options_.logger);
  if (const rocksdb::Status made = env().CreateDirIfMissing(options_.directory); !made.ok()) {
    return ToStatus(made, absl::StrCat("make the directory ", options_.directory));
  }
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  const rocksdb::Status status = rocksdb::DB::Open(
      options, options_.directory, Families(options, options_.directory), &handles, &db);
  if (IsLocked(status)) {
    return absl::FailedPreconditionError(
        absl::StrCat(options_.directory, " is in use by another process; stop that one, or use ",
                     "another data directory (", status.ToString(), ")"));
  }
  if (!status.ok()) return ToStatus(status, absl::StrCat("open the store in ", options_.directory));
  TakeOpened(db, handles);
  return absl::OkStatus();
}

absl::Status Store::OpenForReading() {
  const rocksdb::Options options =
      MakeRocksDbOptions(options_.block_cache_bytes, options_.env, options_.logger);
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  const rocksdb::Status status = rocksdb::DB::OpenForReadOnly(
      options, options_.directory, Families(options, options_.directory), &handles, &db);
  if (!status.ok()) return ToStatus(status, absl::StrCat("read the store in ", options_.directory));
  TakeOpened(db, handles);
  return absl::OkStatus();
}

void Store::TakeOpened(rocksdb::DB* db, const std::vector<rocksdb::ColumnFamilyHandle*>& handles) {
  db_.reset(db);
  handles_ = handles;
}

void Store::CloseLocked() {
  if (db_ == nullptr) return;
  // What was written without sync is safe after an orderly end. A log that failed is not to be touched.
  if (!needs_repair()) db_->SyncWAL().PermitUncheckedError();
  for (rocksdb::ColumnFamilyHandle* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
  handles_.clear();
  // What failed to be written was refused when it failed.
  db_->Close().PermitUncheckedError();
  db_.reset();
}

absl::Status Store::CheckFormat() {
  std::string found;
  const rocksdb::Status status =
      db_->Get(rocksdb::ReadOptions(), Handle(Family::kMeta), ToSlice(kFormatKey), &found);
  if (status.IsNotFound()) {
    rocksdb::WriteOptions options;
    options.sync = true;
    return ToStatus(
        db_->Put(options, Handle(Family::kMeta), ToSlice(kFormatKey), EncodeNumber(kFormat)),
        absl::StrCat("write to ", options_.directory));
  }
  if (!status.ok()) return ToStatus(status, absl::StrCat("read from ", options_.directory));
  const absl::StatusOr<uint64_t> format = DecodeNumber(found);
  if (!format.ok()) return format.status();
  if (*format <= kFormat) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "the store in ", options_.directory, " has format ", *format,
      ", of a newer release; this one, ", runtime::Version(), ", reads formats up to ", kFormat,
      ": start the newer release again, or ",
      "move the store away and start with --restore_from=BACKUP, one from before the upgrade"));
}

absl::Status Store::CheckRoom() const {
  const std::string path = absl::StrCat(options_.directory, "/room-check");
  const std::string megabyte(size_t{1} << 20, '\0');
  std::unique_ptr<rocksdb::WritableFile> file;
  rocksdb::Status status = env().NewWritableFile(path, &file, rocksdb::EnvOptions());
  for (size_t written = 0; status.ok() && written < options_.room_bytes;
       written += megabyte.size()) {
    status = file->Append(megabyte);
  }
  if (status.ok()) status = file->Sync();
  file.reset();
  env().DeleteFile(path).PermitUncheckedError();  // it may never have been made
  return ToStatus(status, absl::StrCat("write to ", options_.directory));
}

rocksdb::Env& Store::env() const {
  return options_.env != nullptr ? *options_.env : *rocksdb::Env::Default();
}

}  // namespace livecounter::counter::embedded
