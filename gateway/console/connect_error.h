// Errors as the Connect protocol tells them: names of codes, HTTP statuses, JSON. Pure; any thread.

#ifndef LIVECOUNTER_GATEWAY_CONSOLE_CONNECT_ERROR_H_
#define LIVECOUNTER_GATEWAY_CONSOLE_CONNECT_ERROR_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace livecounter::gateway::console {

// "not_found"; "unknown" for what is no code of an error.
absl::string_view ConnectCodeName(absl::StatusCode code);

// 404 for NotFound, as the protocol's table has it.
int HttpStatusOf(absl::StatusCode code);

// {"code":…,"message":…,"details":[…]}. Payloads of the status are the details, in byte order of their
// types: each with its value in Base64, and readable beside it ("debug") where the type is known here. There
// is a google.rpc.ErrorInfo always (contract §5): the code's name is the reason where nobody named one.
std::string ErrorJson(const absl::Status& error);

// The payload of a stream's last envelope: {} where it ended well, else {"error":…}.
std::string EndOfStreamJson(const absl::Status& status);

}  // namespace livecounter::gateway::console

#endif  // LIVECOUNTER_GATEWAY_CONSOLE_CONNECT_ERROR_H_
