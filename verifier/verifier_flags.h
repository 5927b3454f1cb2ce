// The flags of a verifier, for the programs that have one: livecounter-verifier and livecounter.

#ifndef LIVECOUNTER_VERIFIER_VERIFIER_FLAGS_H_
#define LIVECOUNTER_VERIFIER_VERIFIER_FLAGS_H_

#include "absl/status/statusor.h"
#include "services/runtime/flags.h"
#include "verifier/verifier.h"

namespace livecounter::verifier {

// --verifier_allow_private_networks, --verifier_ca_file.
runtime::FlagGroup VerifierFlags();

// What they say; `tokens` are the program's own affair. After runtime::ParseCommandLine(). A BadFlag()
// where a file cannot be used.
absl::StatusOr<Options> OptionsFromFlags();

}  // namespace livecounter::verifier

#endif  // LIVECOUNTER_VERIFIER_VERIFIER_FLAGS_H_
