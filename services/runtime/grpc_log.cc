#include "services/runtime/grpc_log.h"

#include <grpc/support/log.h>

#include <atomic>

#include "absl/strings/string_view.h"
#include "google/protobuf/stubs/logging.h"

namespace livecounter::runtime {
namespace {

using observability::LogLevel;

std::atomic<const observability::Logger*> process_logger = nullptr;

absl::string_view BaseName(absl::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == absl::string_view::npos ? path : path.substr(slash + 1);
}

void Log(gpr_log_func_args* args) {
  const LogLevel level =
      args->severity == GPR_LOG_SEVERITY_ERROR ? LogLevel::kWarning : LogLevel::kDebug;
  process_logger.load()->Log(
      level, "grpc",
      {{"message", args->message}, {"source", BaseName(args->file)}, {"line", args->line}});
}

}  // namespace

void SendGrpcLogsTo(const observability::Logger& logger) {
  process_logger.store(&logger);
  gpr_set_log_function(Log);
}

void SendLogsOfLibrariesTo(const observability::Logger& logger) {
  SendGrpcLogsTo(logger);
  google::protobuf::SetLogHandler(nullptr);
}

}  // namespace livecounter::runtime
