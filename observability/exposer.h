// The metrics port of a program (contract §7): /metrics for Prometheus, /healthz (alive) and
// /readyz (ready) for whoever runs it, over plain HTTP/1.1, GET and HEAD only.
//
// It has threads of its own; the probes are called from them, so they must be thread-safe and
// quick.

#ifndef LIVECOUNTER_OBSERVABILITY_EXPOSER_H_
#define LIVECOUNTER_OBSERVABILITY_EXPOSER_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

struct mg_connection;
struct mg_context;

namespace prometheus {
class Registry;
}

namespace livecounter::observability {

class Exposer {
 public:
  struct Options {
    std::string host = {};  // address or name to listen on; IPv4, as Debian's civetweb has no IPv6
    int port = 0;           // 0: any free one
    // What /metrics shows.
    std::shared_ptr<prometheus::Registry> registry = nullptr;
    // Called before each time that shows it, by one thread at a time: to bring up to date what is counted
    // elsewhere.
    std::function<void()> before_scrape = [] {};
    // OK: 200; an error: 503 with its message as the text.
    std::function<absl::Status()> alive;
    std::function<absl::Status()> ready;
  };

  // Serves when it returns. Unavailable if the port cannot be had, with the reason.
  static absl::StatusOr<std::unique_ptr<Exposer>> Start(Options options);
  // Stops listening and waits for requests under way.
  ~Exposer();
  Exposer(const Exposer&) = delete;
  Exposer& operator=(const Exposer&) = delete;

  int port() const { return port_; }
  // "host:port" with the port that was bound.
  std::string address() const;

 private:
  explicit Exposer(Options options) : options_(std::move(options)) {}

  // civetweb's hook for every request.
  static int HandleRequest(mg_connection* connection);
  struct Response;
  Response Respond(absl::string_view method, absl::string_view path);
  std::string Scrape() ABSL_LOCKS_EXCLUDED(scrape_mutex_);

  const Options options_;
  absl::Mutex scrape_mutex_;  // one scrape at a time
  std::string numeric_host_;
  int port_ = 0;
  mg_context* server_ = nullptr;
};

}  // namespace livecounter::observability

#endif  // LIVECOUNTER_OBSERVABILITY_EXPOSER_H_
