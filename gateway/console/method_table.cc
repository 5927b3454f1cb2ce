#include "gateway/console/method_table.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "livecounter/v1/admin_service.pb.h"
#include "livecounter/v1/counter_service.pb.h"

namespace livecounter::gateway::console {

MethodTable::MethodTable(const std::vector<const google::protobuf::FileDescriptor*>& files) {
  for (const google::protobuf::FileDescriptor* file : files) {
    for (int s = 0; s < file->service_count(); ++s) {
      const google::protobuf::ServiceDescriptor& service = *file->service(s);
      for (int m = 0; m < service.method_count(); ++m) {
        const google::protobuf::MethodDescriptor& method = *service.method(m);
        if (!method.client_streaming()) methods_.emplace(GrpcPath(method), &method);
      }
    }
  }
}

std::vector<const google::protobuf::MethodDescriptor*> MethodTable::All() const {
  std::vector<const google::protobuf::MethodDescriptor*> all;
  all.reserve(methods_.size());
  for (const auto& [path, method] : methods_) all.push_back(method);
  return all;
}

const google::protobuf::MethodDescriptor* MethodTable::Find(absl::string_view path) const {
  const auto found = methods_.find(path);
  return found == methods_.end() ? nullptr : found->second;
}

const MethodTable& ConsoleMethods() {
  static const auto* const methods =
      new MethodTable({v1::Counter::descriptor()->file(), v1::Account::descriptor()->file()});
  return *methods;
}

std::string GrpcPath(const google::protobuf::MethodDescriptor& method) {
  return absl::StrCat("/", method.service()->full_name(), "/", method.name());
}

}  // namespace livecounter::gateway::console
