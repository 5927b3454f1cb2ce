#include "services/runtime/grpc_metrics.h"

#include <google/protobuf/descriptor.h>

#include <map>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "observability/trace_context.h"

namespace livecounter::runtime {
namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::InterceptorBatchMethods;
using observability::GrpcMethodMetrics;
using observability::GrpcType;
using observability::LogLevel;

// One call. Lives as long as it does; the hooks of a stream's two directions may run at once.
class CallMetrics final : public grpc::experimental::Interceptor {
 public:
  // `path` is the method's, as "/livecounter.v1.CounterService/GetCounter".
  CallMetrics(const std::string& path, GrpcMethodMetrics& method,
              const observability::Logger* logger)
      : path_(path), method_(method), logger_(logger), start_(absl::Now()) {
    method_.started().Increment();
  }

  void Intercept(InterceptorBatchMethods* batch) override {
    // Before the method is called, and so before all that follows.
    if (batch->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_INITIAL_METADATA)) {
      ReadTrace(*batch->GetRecvInitialMetadata());
    }
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
  using Metadata = std::multimap<grpc::string_ref, grpc::string_ref>;

  void ReadTrace(const Metadata& metadata) {
    const auto found = metadata.find(observability::kTraceparent);
    if (found == metadata.end()) return;
    trace_ = observability::TraceContext::Parse({found->second.data(), found->second.size()});
  }

  void Handled(int code) {
    const absl::Duration took = absl::Now() - start_;
    method_.handled(code).Increment();
    if (prometheus::Histogram* seconds = method_.handling_seconds()) {
      seconds->Observe(absl::ToDoubleSeconds(took));
    }
    if (logger_ != nullptr && logger_->enabled(LevelOf(code))) Log(code, took);
  }

  LogLevel LevelOf(int code) const {
    const bool is_ours = code == grpc::StatusCode::UNKNOWN || code == grpc::StatusCode::INTERNAL ||
                         code == grpc::StatusCode::DATA_LOSS;
    if (is_ours) return LogLevel::kWarning;
    return trace_.has_value() && trace_->sampled() ? LogLevel::kInfo : LogLevel::kDebug;
  }

  void Log(int code, absl::Duration took) const {
    const observability::Field method("method", absl::StripPrefix(path_, "/"));
    const observability::Field result("code", observability::GrpcCodeName(code));
    const observability::Field time("took_seconds", took);
    if (trace_.has_value()) {
      logger_->Log(LevelOf(code), "call_handled",
                   {method, result, time, {"trace_id", trace_->trace_id()}});
    } else {
      logger_->Log(LevelOf(code), "call_handled", {method, result, time});
    }
  }

  const std::string& path_;
  GrpcMethodMetrics& method_;
  const observability::Logger* const logger_;
  const absl::Time start_;
  absl::optional<observability::TraceContext> trace_;
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
                     observability::GrpcServerMetrics& metrics, const observability::Logger* logger)
      : logger_(logger) {
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
    return found == methods_.end() ? nullptr
                                   : new CallMetrics(found->first, found->second, logger_);
  }

 private:
  const observability::Logger* const logger_;
  // By path, as in ":path"; not changed after construction.
  absl::flat_hash_map<std::string, GrpcMethodMetrics> methods_;
};

}  // namespace

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
MakeMetricsInterceptorFactory(const std::vector<std::string>& services,
                              observability::GrpcServerMetrics& metrics,
                              const observability::Logger* logger) {
  return std::make_unique<CallMetricsFactory>(services, metrics, logger);
}

}  // namespace livecounter::runtime
