// The metrics port of a program (contract §7): /metrics for Prometheus, /healthz (alive) and
// /readyz (ready) for whoever runs it, over plain HTTP/1.1, GET and HEAD only.
//
// It has a thread of its own; the probes are called from it, one at a time, so they must be thread-safe
// and quick.

#ifndef LIVECOUNTER_OBSERVABILITY_EXPOSER_H_
#define LIVECOUNTER_OBSERVABILITY_EXPOSER_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "observability/plain_server.h"

namespace prometheus {
class Registry;
}

namespace livecounter::observability {

class Exposer {
 public:
  struct Options {
    std::string host = {};  // address or name to listen on, of either family; "::" takes both
    int port = 0;           // 0: any free one
    // What /metrics shows.
    std::shared_ptr<prometheus::Registry> registry = nullptr;
    // Called before each time that shows it: to bring up to date what is counted elsewhere.
    std::function<void()> before_scrape = [] {};
    // OK: 200; an error: 503 with its message as the text.
    std::function<absl::Status()> alive;
    std::function<absl::Status()> ready;
  };

  // Serves when it returns. Unavailable if the port cannot be had, with the reason.
  static absl::StatusOr<std::unique_ptr<Exposer>> Start(Options options);
  // Stops listening; none of the probes is called any more when it returns.
  ~Exposer();
  Exposer(const Exposer&) = delete;
  Exposer& operator=(const Exposer&) = delete;

  int port() const { return server_->port(); }
  // "host:port" or "[v6]:port", with the port that was bound.
  std::string address() const;

 private:
  explicit Exposer(Options options) : options_(std::move(options)) {}

  struct Response;
  std::string Answer(absl::string_view method, absl::string_view target) const;
  Response Respond(absl::string_view method, absl::string_view path) const;
  std::string Scrape() const;

  const Options options_;
  std::unique_ptr<PlainServer> server_;
};

}  // namespace livecounter::observability

#endif  // LIVECOUNTER_OBSERVABILITY_EXPOSER_H_
