// What a program shows to whoever runs it (contract §7): its registry, with the metrics that every program
// has, and the port that shows it beside /healthz and /readyz.

#ifndef LIVECOUNTER_SERVICES_RUNTIME_METRICS_PORT_H_
#define LIVECOUNTER_SERVICES_RUNTIME_METRICS_PORT_H_

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "observability/exposer.h"
#include "observability/program_metrics.h"
#include "prometheus/registry.h"
#include "services/runtime/server_runner.h"

namespace livecounter::runtime {

// Made in main(), before the parts of the program, which it outlives.
class MetricsPort {
 public:
  // What is asked for when somebody looks; called from threads of the port.
  struct Hooks {
    // Before metrics are shown: brings up to date what is counted elsewhere. One call at a time.
    std::function<void()> before_scrape = [] {};
    // Before the health is asked whether it is ready.
    std::function<void()> before_ready = [] {};
  };

  // `runner` outlives it. `program` is the name of the binary.
  MetricsPort(absl::string_view program, ServerRunner& runner);
  MetricsPort(const MetricsPort&) = delete;
  MetricsPort& operator=(const MetricsPort&) = delete;

  prometheus::Registry& registry() { return *registry_; }

  // Serves on --metrics_listen until what it returns is destroyed, before all that the hooks use; null where
  // that flag says nowhere. Errors are those of Exposer::Start().
  absl::StatusOr<std::unique_ptr<observability::Exposer>> Open(Hooks hooks);

 private:
  ServerRunner& runner_;
  const std::shared_ptr<prometheus::Registry> registry_;
  observability::ProgramMetrics metrics_;
};

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_METRICS_PORT_H_
