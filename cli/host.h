// What livecounterctl has from the machine that it runs on; tests give it another one.

#ifndef LIVECOUNTER_CLI_HOST_H_
#define LIVECOUNTER_CLI_HOST_H_

#include <functional>
#include <iosfwd>
#include <string>

#include "absl/time/time.h"
#include "cli/terminal.h"
#include "services/runtime/clock.h"
#include "services/runtime/flags.h"

namespace livecounter::cli {

// Everything outlives the host. Used by the main thread.
struct Host {
  runtime::Environment environment;  // variables by name
  std::string working_folder;        // absolute
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  Terminal& terminal;
  runtime::Clock& clock;
  std::function<void(absl::Duration)> sleep;
  absl::TimeZone zone;  // in which times are shown
};

}  // namespace livecounter::cli

#endif  // LIVECOUNTER_CLI_HOST_H_
