// A gateway: the parts of gateway/ put together, from sockets to the CounterClient. What a program makes
// of it is in main.cc, and in services/standalone, which brings another CounterClient.

#ifndef LIVECOUNTER_GATEWAY_GATEWAY_H_
#define LIVECOUNTER_GATEWAY_GATEWAY_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gateway/admission.h"
#include "gateway/canary.h"
#include "gateway/catalog.h"
#include "gateway/client_limits.h"
#include "gateway/http/assets.h"
#include "gateway/upstream/counter_client.h"
#include "gateway/verification/verified_users.h"
#include "gateway/verification/verifier_client.h"
#include "observability/logging.h"
#include "observability/metrics.h"
#include "services/runtime/clock.h"
#include "services/runtime/flag_types.h"
#include "services/runtime/random.h"
#include "services/runtime/tls_files.h"

namespace livecounter::gateway {

class EdgeLoop;
class SocketTransport;

// All methods may be called from any thread but the event loops'.
class Gateway {
 public:
  struct Options {
    runtime::ListenAddress listen;
    int threads = 1;  // event loops, ≥ 1
    // Open streams; more are told to come back. Fewer, with a warning, where the process may not open as many
    // descriptors as these need.
    int64_t max_connections = 18'000;
    ClientLimits::Options limits = {};                 // of one client, and of one product
    absl::Duration drain = absl::Seconds(20);          // over which a drain spreads its closes
    absl::Duration shared_max_age = absl::Seconds(1);  // s-maxage of plain GETs
    bool serve_demo = true;                            // /demo, and / leads there
    runtime::TlsFiles tls = {};                        // of the edge; nothing for plain HTTP
  };

  // What the gateway is given; all of it outlives the gateway.
  struct Parts {
    CounterClient& client;
    Catalog& catalog;
    observability::GatewayMetrics& metrics;
    const observability::Logger& logger;
    runtime::Clock& clock;
    runtime::Random& random;
    // Who is asked about users; null where there is nobody, so that users of products with verification
    // watch and do not count.
    VerifierClient* verifier = nullptr;
  };

  // How long the counter service may be out of reach before the gateway is not ready (contract §7).
  static constexpr absl::Duration kMaxLost = absl::Seconds(30);
  // How long the service keeps the gateway's share after a drain: the lost-connection grace.
  static constexpr absl::Duration kDetachedLinger = absl::Seconds(10);
  // How long a drain tries to tell the service that it ends. Nobody is connected any more: a service
  // that is away does not hold up the end, and keeps the share for a lease all the same.
  static constexpr absl::Duration kDetachPatience = absl::Seconds(3);

  // Listens and serves when it returns. Unavailable names the address that cannot be had, other errors
  // name the file of Options::tls. Changes of those files are logged.
  static absl::StatusOr<std::unique_ptr<Gateway>> Start(const Options& options, const Parts& parts);
  // Stops: connections are dropped.
  ~Gateway();
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  // "127.0.0.1:8080", with the port that was bound.
  const std::string& address() const;

  // OK, or Unavailable with the reason: draining, or the counter service was never reached or has been
  // out of reach for kMaxLost. Quick: for /readyz.
  absl::Status Ready() const;

  // How old the numbers are that clients get: for livecounter_gateway_canary_age_seconds.
  absl::Duration CanaryAge() const { return canary_.Age(); }

  // Takes no new streams (503), closes those that are open over Options::drain, each with a hint when to
  // come back; with the last one ends the session, detached, so that no number dips, and stops. Returns
  // then, at latest at `deadline`. Once.
  void Drain(absl::Time deadline);

 private:
  Gateway(const Options& options, const Parts& parts);

  absl::Status Open();
  // New files are in use, or the old ones still are.
  void LogTlsChange(const absl::Status& result);
  // Returns when no loop has anything open, at latest at `deadline`.
  void CloseStreams(absl::Time deadline);

  const Options options_;
  const Parts parts_;
  Canary canary_;
  Admission admission_;
  NoVerifierClient no_verifier_;
  VerifiedUsers users_;
  Assets assets_;
  // One a thread, each owned by its loop; good until the transport stops.
  std::vector<EdgeLoop*> loops_;
  std::unique_ptr<SocketTransport> transport_;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_GATEWAY_H_
