// For tests of gRPC services: calls by name, without stubs, and the check that every method asks
// for a token, whatever is added to the service later.

#ifndef LIVECOUNTER_SERVICES_RUNTIME_GRPC_TEST_SUPPORT_H_
#define LIVECOUNTER_SERVICES_RUNTIME_GRPC_TEST_SUPPORT_H_

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace grpc {
class Channel;
}

namespace livecounter::runtime {

// Keeps gRPC's threads for callbacks until the process ends. gRPC 1.51 ends them with the last server and
// channel that use them, and now and then aborts in doing so (grpc_cq_internal_unref): in a test program that
// would be after every test. For fixtures with servers or channels; again it does nothing.
void KeepGrpcRunning();

struct RawAnswer {
  int code = 0;                        // of the status
  std::string message;                 // of the status
  std::vector<std::string> responses;  // serialised
};

// Calls a method by its path "/package.Service/Method" with one request, given as serialised bytes,
// and reads to the end, or for as long as `limit`. `authorization` is sent as the header of that name
// unless it is empty.
RawAnswer RawCall(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
                  const std::string& request, const std::string& authorization = "",
                  std::chrono::milliseconds limit = std::chrono::seconds(5));

// Calls every method of the service with an empty request, once without a token and once with a
// wrong one. Returns a line for each call that did not end UNAUTHENTICATED: a test expects none.
std::vector<std::string> UnprotectedMethods(const std::shared_ptr<grpc::Channel>& channel,
                                            const std::string& service_full_name);

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_GRPC_TEST_SUPPORT_H_
