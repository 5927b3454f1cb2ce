// Why an address cannot be listened on: gRPC says only that it cannot.

#ifndef LIVECOUNTER_SERVICES_RUNTIME_LISTEN_CHECK_H_
#define LIVECOUNTER_SERVICES_RUNTIME_LISTEN_CHECK_H_

#include "absl/status/status.h"
#include "services/runtime/flag_types.h"

namespace livecounter::runtime {

// Binds to `address` for a moment. Unavailable: "cannot listen on 127.0.0.1:80: Permission denied".
// OK if it is not enabled. For --check_config too: there it tells of a port that is taken.
absl::Status CheckListen(const ListenAddress& address);

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_LISTEN_CHECK_H_
