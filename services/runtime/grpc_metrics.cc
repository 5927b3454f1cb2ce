#include "services/runtime/grpc_metrics.h"

#include <google/protobuf/descriptor.h>

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace livecounter::runtime {
namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::InterceptorBatchMethods;
using observability::GrpcMethodMetrics;
using observability::GrpcType;

// One call. Lives as long as it does; the hooks of a stream's two directions may run at once.
class CallMetrics final : public grpc::experimental::Interceptor {
 public:
  explicit CallMetrics(GrpcMethodMetrics& method) : method_(method), start_(absl::Now()) {
    method_.started().Increment();
  }

  void Intercept(InterceptorBatchMethods* batch) override {
    // A receive without a message is the end of the stream.
    if (batch->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_MESSAGE) &&
        batch->GetRecvMessage() != nullptr) {
      method_.received().Increment();
    }
    if (batch->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_MESSAGE)) {
      method_.sent().Increment();
    }
    if (batch->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS)) {
      Handled(batch->GetSendStatus().error_code());
    }
    batch->Proceed();
  }

 private:
  void Handled(int code) {
    method_.handled(code).Increment();
    if (prometheus::Histogram* seconds = method_.handling_seconds()) {
      seconds->Observe(absl::ToDoubleSeconds(absl::Now() - start_));
    }
  }

  GrpcMethodMetrics& method_;
  const absl::Time start_;
};

GrpcType TypeOf(const google::protobuf::MethodDescriptor& method) {
  if (method.client_streaming()) {
    return method.server_streaming() ? GrpcType::kBidiStream : GrpcType::kClientStream;
  }
  return method.server_streaming() ? GrpcType::kServerStream : GrpcType::kUnary;
}

class CallMetricsFactory final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  CallMetricsFactory(const std::vector<std::string>& services,
                     observability::GrpcServerMetrics& metrics) {
    for (const std::string& name : services) {
      const google::protobuf::ServiceDescriptor* service =
          google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
      for (int i = 0; service != nullptr && i < service->method_count(); ++i) {
        const google::protobuf::MethodDescriptor& method = *service->method(i);
        methods_.emplace(absl::StrCat("/", name, "/", method.name()),
                         metrics.Method(name, method.name(), TypeOf(method)));
      }
    }
  }

  grpc::experimental::Interceptor* CreateServerInterceptor(
      grpc::experimental::ServerRpcInfo* info) override {
    const auto found = methods_.find(absl::string_view(info->method()));
    return found == methods_.end() ? nullptr : new CallMetrics(found->second);
  }

 private:
  // By path, as in ":path"; not changed after construction.
  absl::flat_hash_map<std::string, GrpcMethodMetrics> methods_;
};

}  // namespace

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
MakeMetricsInterceptorFactory(const std::vector<std::string>& services,
                              observability::GrpcServerMetrics& metrics) {
  return std::make_unique<CallMetricsFactory>(services, metrics);
}

}  // namespace livecounter::runtime
