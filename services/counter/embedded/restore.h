// Starting from a backup: the store of a data directory made from a copy.

#ifndef LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_RESTORE_H_
#define LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_RESTORE_H_

#include <string>

#include "absl/status/status.h"

namespace livecounter::counter::embedded {

// Where the store stands in a data directory.
std::string StoreDirectory(const std::string& data_directory);

// Whether there is a backup, and no store in the place where it would go. Touches nothing.
absl::Status CheckRestore(const std::string& backup_directory, const std::string& data_directory);

// See EmbeddedEngine::RestoreFrom().
absl::Status RestoreStore(const std::string& backup_directory, const std::string& data_directory);

}  // namespace livecounter::counter::embedded

#endif  // LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_RESTORE_H_
