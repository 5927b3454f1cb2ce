// Starting from a backup: the store of a data directory made from a copy. The copy is an archive
// (../backup_archive.h), what Backup() wrote, or the store of a program that is not running.
//
// A store that was made so remembers the path of its backup, in a file beside those of RocksDB. So the same
// request again, as a supervisor makes it at each start, is done already; a request for another backup is not.

#ifndef LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_RESTORE_H_
#define LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_RESTORE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace livecounter::counter::embedded {

// What RestoreStore() found to do.
enum class Restored {
  kNow,
  kBefore,  // the store is of that backup, and of what was counted since
};

// Where the store stands in a data directory.
std::string StoreDirectory(const std::string& data_directory);

// Whether RestoreStore() has what it needs. Touches nothing.
absl::Status CheckRestore(const std::string& backup, const std::string& data_directory);

// See EmbeddedEngine::RestoreFrom().
absl::StatusOr<Restored> RestoreStore(const std::string& backup, const std::string& data_directory);

}  // namespace livecounter::counter::embedded

#endif  // LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_RESTORE_H_
