// How RocksDB is set up for counters: quick to open, quick to answer from cold, bounded in files and
// memory.

#ifndef LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_ROCKSDB_OPTIONS_H_
#define LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_ROCKSDB_OPTIONS_H_

#include <cstddef>

#include "observability/logging.h"
#include "rocksdb/options.h"

namespace livecounter::counter::embedded {

// `env` null: the machine's. `logger` gets RocksDB's warnings and errors; it may be null. Both outlive
// the database. Options of the database and of every family in it.
rocksdb::Options MakeRocksDbOptions(size_t block_cache_bytes, rocksdb::Env* env,
                                    const observability::Logger* logger);

}  // namespace livecounter::counter::embedded

#endif  // LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_ROCKSDB_OPTIONS_H_
