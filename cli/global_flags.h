// The flags that every command has, and the words for them.

#ifndef LIVECOUNTER_CLI_GLOBAL_FLAGS_H_
#define LIVECOUNTER_CLI_GLOBAL_FLAGS_H_

#include <vector>

#include "cli/command.h"

namespace livecounter::cli {

// Each also from the environment as LIVECOUNTER_<FLAG> and from --flagfile (contract §1).
const std::vector<Flag>& GlobalFlags();

// Those that stand on the command line only: --help and its like.
const std::vector<Flag>& RequestFlags();

}  // namespace livecounter::cli

#endif  // LIVECOUNTER_CLI_GLOBAL_FLAGS_H_
