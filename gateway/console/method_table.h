// The methods that the console serves, read from the descriptors of their services: none is known by name
// here, so that a new one in the .proto files is there without a line of code.

#ifndef LIVECOUNTER_GATEWAY_CONSOLE_METHOD_TABLE_H_
#define LIVECOUNTER_GATEWAY_CONSOLE_METHOD_TABLE_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace google::protobuf {
class FileDescriptor;
class MethodDescriptor;
}  // namespace google::protobuf

namespace livecounter::gateway::console {

// Immutable; any thread. Descriptors of the generated pool live for ever.
class MethodTable {
 public:
  // All methods of all services of `files` but those whose client streams: browsers cannot.
  explicit MethodTable(const std::vector<const google::protobuf::FileDescriptor*>& files);

  // All of them, in no order.
  std::vector<const google::protobuf::MethodDescriptor*> All() const;
  // "/livecounter.v1.CounterService/GetCounter", as gRPC writes it; null for what there is not.
  const google::protobuf::MethodDescriptor* Find(absl::string_view path) const;

 private:
  absl::flat_hash_map<std::string, const google::protobuf::MethodDescriptor*> methods_;
};

// That of CounterService and AdminService (contract §5).
const MethodTable& ConsoleMethods();

// The key of Find(), which is also the path of a gRPC call.
std::string GrpcPath(const google::protobuf::MethodDescriptor& method);

}  // namespace livecounter::gateway::console

#endif  // LIVECOUNTER_GATEWAY_CONSOLE_METHOD_TABLE_H_
