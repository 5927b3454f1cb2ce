#include "services/runtime/common_flags.h"

#include "absl/flags/flag.h"

ABSL_FLAG(livecounter::observability::LogFormat, log_format,
          livecounter::observability::LogFormat::kJson,
          "How log lines on standard error look: one JSON object a line, or text for people.");
ABSL_FLAG(livecounter::observability::LogLevel, log_level,
          livecounter::observability::LogLevel::kInfo, "The lowest level that is logged.");
ABSL_FLAG(livecounter::runtime::ListenAddress, metrics_listen,
          (livecounter::runtime::ListenAddress{"127.0.0.1", 9100}),
          "Where /metrics, /healthz and /readyz are served.");
ABSL_FLAG(bool, core_dumps, false,
          "Whether a crash may leave a core file, as the system is set up to. It holds presence "
          "IDs, tokens and keys.");

namespace livecounter::runtime {

FlagGroup LogFlags() {
  return {"Logs and crashes",
          {OwnFlag(FLAGS_log_format, {.takes = "json or text"}),
           OwnFlag(FLAGS_log_level, {.takes = "debug, info, warning or error"}),
           OwnFlag(FLAGS_core_dumps)}};
}

FlagSpec MetricsListenFlag(const ListenAddress& default_address) {
  return OwnFlag(FLAGS_metrics_listen, {.default_value = default_address});
}

}  // namespace livecounter::runtime
