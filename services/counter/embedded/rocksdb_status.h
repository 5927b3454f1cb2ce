// What a failure of RocksDB means to the engine's callers: one table.

#ifndef LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_ROCKSDB_STATUS_H_
#define LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_ROCKSDB_STATUS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "rocksdb/status.h"

namespace livecounter::counter::embedded {

// `doing` completes "could not …" and names the place: "write to data/store".
//   no space, or a quota    UNAVAILABLE: free some, writes go on by themselves
//   any other I/O error     UNAVAILABLE
//   damaged                 DATA_LOSS: restore a backup
//   anything else           INTERNAL
absl::Status ToStatus(const rocksdb::Status& status, absl::string_view doing);

}  // namespace livecounter::counter::embedded

#endif  // LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_ROCKSDB_STATUS_H_
