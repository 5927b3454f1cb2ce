// A request of the Connect protocol read: https://connectrpc.com/docs/protocol, version 1, without GET and
// without compression. Pure; any thread; whatever a client sends.

#ifndef LIVECOUNTER_GATEWAY_CONSOLE_CONNECT_REQUEST_H_
#define LIVECOUNTER_GATEWAY_CONSOLE_CONNECT_REQUEST_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/variant.h"
#include "gateway/console/message_codec.h"
#include "gateway/console/method_table.h"
#include "gateway/transport.h"

namespace livecounter::gateway::console {

// Before the path of gRPC.
inline constexpr absl::string_view kApiPrefix = "/api";

// How one method is called, told by its descriptor and the request's content type.
struct ConnectCall {
  const google::protobuf::MethodDescriptor* method = nullptr;
  Encoding encoding = Encoding::kJson;
  bool is_stream = false;  // the server streams
};

// "application/json", "application/connect+proto", …
std::string ContentTypeOf(const ConnectCall& call);

// Why a request is no call at all: an answer of its own status, whatever the method's kind.
struct ConnectRefusal {
  int http_status = 0;
  absl::Status error;
  std::vector<std::pair<std::string, std::string>> headers = {};
};

// Which call the request makes. Refused are, in this order: paths that name no method (404), other methods
// than POST (405), content types that are none of the method's kind (415).
absl::variant<ConnectCall, ConnectRefusal> FindCall(const Request& request,
                                                    const MethodTable& methods);

struct CallParameters {
  std::string message;  // serialised
  absl::Duration timeout = absl::InfiniteDuration();
};

// What the call is made with. InvalidArgument for a version other than 1, a time-out that is no number of at
// most ten digits, a body that is no message; Unimplemented for a body that is compressed.
absl::StatusOr<CallParameters> ReadCall(const Request& request, const ConnectCall& call);

}  // namespace livecounter::gateway::console

#endif  // LIVECOUNTER_GATEWAY_CONSOLE_CONNECT_REQUEST_H_
