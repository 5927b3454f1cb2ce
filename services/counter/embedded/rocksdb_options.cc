#include "services/counter/embedded/rocksdb_options.h"

#include <array>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <memory>

#include "absl/strings/string_view.h"
#include "rocksdb/cache.h"
#include "rocksdb/env.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/listener.h"
#include "rocksdb/table.h"

namespace livecounter::counter::embedded {
namespace {

// A log file is replayed at open at some 12 MB/s: this bounds the time to open after a crash. It is
// passed by what is written while the memory that holds it back is being flushed.
constexpr uint64_t kLogBytes = uint64_t{4} << 20;
constexpr size_t kMemoryTableBytes = size_t{8} << 20;
// Of the 20,000 that a process may have where limits are low; the rest is for connections.
constexpr int kOpenFiles = 1000;

// RocksDB's own messages as log events, on no file of its own (see store.h).
class LogForwarder final : public rocksdb::Logger {
 public:
  explicit LogForwarder(const observability::Logger* logger)
      : rocksdb::Logger(rocksdb::InfoLogLevel::WARN_LEVEL), logger_(logger) {}

  void Logv(const char* format, va_list arguments) override {
    Logv(rocksdb::InfoLogLevel::WARN_LEVEL, format, arguments);
  }

  void Logv(const rocksdb::InfoLogLevel level, const char* format, va_list arguments) override {
    if (logger_ == nullptr || level < GetInfoLogLevel()) return;
    std::array<char, 1024> text;
    const int size = std::vsnprintf(text.data(), text.size(), format, arguments);
    if (size < 0) return;
    const bool is_error = level >= rocksdb::InfoLogLevel::ERROR_LEVEL;
    logger_->Log(is_error ? observability::LogLevel::kError : observability::LogLevel::kWarning,
                 "store_message", {{"message", absl::string_view(text.data())}});
  }

 private:
  const observability::Logger* const logger_;
};

// Leaves errors that stop writes to Store::Repair(). The milder ones (a compaction without room)
// RocksDB gets over by itself.
class NoResumeListener final : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status error,
                            bool* auto_recovery) override {
    if (error.severity() >= rocksdb::Status::Severity::kHardError) *auto_recovery = false;
  }
};

rocksdb::BlockBasedTableOptions TableOptions(size_t block_cache_bytes) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(block_cache_bytes);
  // In the cache, index and filters of ten million counters push out each other and all else: a cold
  // read then costs ten times as much.
  table.cache_index_and_filter_blocks = false;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.data_block_index_type = rocksdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;
  table.format_version = 5;
  return table;
}

void SetOpening(rocksdb::Options& options) {
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.max_open_files = kOpenFiles;
  options.skip_stats_update_on_db_open = true;
  options.skip_checking_sst_file_sizes_on_db_open = true;
  // Replayed at open as well: one entry for each flush since the last roll-over.
  options.max_manifest_file_size = size_t{1} << 20;
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
}

void SetWriting(rocksdb::Options& options) {
  options.max_total_wal_size = kLogBytes;
  options.write_buffer_size = kMemoryTableBytes;
  options.max_write_buffer_number = 4;
  options.memtable_prefix_bloom_size_ratio = 0.02;
  options.memtable_whole_key_filtering = true;
  // One thread writes.
  options.allow_concurrent_memtable_write = false;
  // Small logs make many small files: merge them before they meet the big ones below.
  options.level0_file_num_compaction_trigger = 8;
  options.level0_slowdown_writes_trigger = 32;
  options.level0_stop_writes_trigger = 64;
  options.level_compaction_dynamic_level_bytes = true;
  options.max_bytes_for_level_base = uint64_t{64} << 20;
  options.target_file_size_base = uint64_t{32} << 20;
  options.max_background_jobs = 2;
  options.compression = rocksdb::kLZ4Compression;
  options.bottommost_compression = rocksdb::kZSTD;
  // Spreads the writing of big files, so that they do not hold up the log's next fsync.
  options.bytes_per_sync = uint64_t{1} << 20;
}

}  // namespace

rocksdb::Options MakeRocksDbOptions(size_t block_cache_bytes, rocksdb::Env* env,
                                    const observability::Logger* logger) {
  rocksdb::Options options;
  SetOpening(options);
  SetWriting(options);
  if (env != nullptr) options.env = env;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(TableOptions(block_cache_bytes)));
  options.info_log = std::make_shared<LogForwarder>(logger);
  options.listeners.push_back(std::make_shared<NoResumeListener>());
  options.max_bgerror_resume_count = 0;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  return options;
}

}  // namespace livecounter::counter::embedded
