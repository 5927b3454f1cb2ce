#include "services/counter/embedded/rocksdb_status.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace livecounter::counter::embedded {
namespace {

bool IsOutOfSpace(const rocksdb::Status& status) {
  return status.IsNoSpace() || absl::StrContains(status.ToString(), "Disk quota exceeded");
}

}  // namespace

absl::Status ToStatus(const rocksdb::Status& status, absl::string_view doing) {
  if (status.ok()) return absl::OkStatus();
  if (IsOutOfSpace(status)) {
    return absl::UnavailableError(
        absl::StrCat("could not ", doing, ": the disk is full; free some space or enlarge it, and ",
                     "writes go on by themselves (", status.ToString(), ")"));
  }
  if (status.IsCorruption()) {
    return absl::DataLossError(
        absl::StrCat("could not ", doing, ": the store is damaged; stop, move it away and start ",
                     "from a backup with --restore_from (", status.ToString(), ")"));
  }
  if (status.IsIOError() || status.IsBusy() || status.IsTryAgain() || status.IsTimedOut()) {
    return absl::UnavailableError(
        absl::StrCat("could not ", doing, ": the disk does not answer as it should; check it and ",
                     "its mount, and writes go on by themselves (", status.ToString(), ")"));
  }
  return absl::InternalError(absl::StrCat("could not ", doing, ": ", status.ToString()));
}

}  // namespace livecounter::counter::embedded
