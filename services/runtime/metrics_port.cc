#include "services/runtime/metrics_port.h"

#include <utility>

#include "absl/flags/flag.h"
#include "services/runtime/common_flags.h"
#include "services/runtime/version.h"

namespace livecounter::runtime {

MetricsPort::MetricsPort(absl::string_view program, ServerRunner& runner)
    : runner_(runner),
      registry_(std::make_shared<prometheus::Registry>()),
      metrics_(*registry_, program, Version()) {}

absl::StatusOr<std::unique_ptr<observability::Exposer>> MetricsPort::Open(Hooks hooks) {
  const ListenAddress address = absl::GetFlag(FLAGS_metrics_listen);
  if (!address.enabled()) return nullptr;
  const auto ready = [this, before_ready = std::move(hooks.before_ready)] {
    before_ready();
    return runner_.health().ready();
  };
  const auto before_scrape = [this, ready, more = std::move(hooks.before_scrape)] {
    metrics_.Update(observability::ReadProcessUsage(), ready().ok(), runner_.logger());
    more();
  };
  return observability::Exposer::Start({.host = address.host,
                                        .port = address.port,
                                        .registry = registry_,
                                        .before_scrape = before_scrape,
                                        .alive = [this] { return runner_.health().alive(); },
                                        .ready = ready});
}

}  // namespace livecounter::runtime
