// The flags of a counterd, for the programs that have one: livecounter-counterd and livecounter.

#ifndef LIVECOUNTER_SERVICES_COUNTERD_COUNTERD_FLAGS_H_
#define LIVECOUNTER_SERVICES_COUNTERD_COUNTERD_FLAGS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/counterd/counterd.h"
#include "services/runtime/flags.h"

namespace livecounter::counterd {

bool AbslParseFlag(absl::string_view text, SignUp* sign_up, std::string* error);
std::string AbslUnparseFlag(SignUp sign_up);

// --grpc_listen, for a program's group of listeners.
runtime::FlagSpec GrpcListenFlag();
// --data_dir, --restore_from, --durability, --demo with the program's own default, --admin_token_file,
// --signup.
runtime::FlagGroup StoreFlags(bool demo_by_default);

// What they and runtime::GrpcTlsFlags() say. After runtime::ParseCommandLine(). A BadFlag() where a file
// cannot be read.
absl::StatusOr<Options> OptionsFromFlags();

// The token in the file that `flag` names; "" where it names none. A BadFlag() where it cannot be read.
absl::StatusOr<std::string> TokenFromFlag(absl::string_view flag, const std::string& path);

}  // namespace livecounter::counterd

#endif  // LIVECOUNTER_SERVICES_COUNTERD_COUNTERD_FLAGS_H_
