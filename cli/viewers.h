// Viewers of one page, over event streams as a browser has them (contract §3): what `livecounterctl try`
// opens to see that a deployment counts.

#ifndef LIVECOUNTER_CLI_VIEWERS_H_
#define LIVECOUNTER_CLI_VIEWERS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/runtime/clock.h"

namespace livecounter::cli {

struct ViewersOptions {
  std::string url = {};  // of the gateways, "http://host:port"
  std::string connect_to =
      {};                    // "host:port" that is dialled in the place of the url's; empty: that
  std::string ca_file = {};  // what is trusted over https; empty: the system's authorities
  std::string key = {};      // API key
  std::string page = {};     // urlId; nobody else should be there
  int viewers = 2;
  absl::Duration patience = absl::Seconds(30);
};

// Opens the viewers and keeps them until each has been told that all are present; the time that this took.
// Streams that are refused or end are opened again. DeadlineExceeded when patience ends, with what each
// viewer saw last. Blocks; `clock` is asked on this thread.
absl::StatusOr<absl::Duration> AwaitAllPresent(const ViewersOptions& options,
                                               runtime::Clock& clock);

}  // namespace livecounter::cli

#endif  // LIVECOUNTER_CLI_VIEWERS_H_
