// A counterd: engine, replica and the two gRPC services put together. What a program makes of it is in
// main.cc, and in services/standalone, which has a gateway in the same process.

#ifndef LIVECOUNTER_SERVICES_COUNTERD_COUNTERD_H_
#define LIVECOUNTER_SERVICES_COUNTERD_COUNTERD_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "observability/logging.h"
#include "observability/metrics.h"
#include "prometheus/registry.h"
#include "services/admin/admin.h"
#include "services/counter/counter_service.h"
#include "services/counter/edge_service.h"
#include "services/counter/embedded/embedded_engine.h"
#include "services/counter/increments.h"
#include "services/counter/readiness.h"
#include "services/counter/replica_loop.h"
#include "services/runtime/bearer_token.h"
#include "services/runtime/clock.h"
#include "services/runtime/flag_types.h"
#include "services/runtime/grpc_server.h"
#include "services/runtime/health.h"
#include "services/runtime/random.h"
#include "services/runtime/tls_files.h"

namespace livecounter::counterd {

// Whether strangers may create accounts.
enum class SignUp { kOpen, kClosed };

struct Options {
  std::string data_dir;
  std::string restore_from = {};  // a backup to make the store from, once; empty: none
  counter::Durability durability = counter::Durability::kSync;
  runtime::ListenAddress grpc_listen = {};
  runtime::ListenAddress edge_listen = {};  // not enabled: gateways of this process only
  // Empty: the one in <data_dir>/admin-token and <data_dir>/edge-token, made at the first start.
  std::string admin_token = {};
  std::string edge_token = {};
  bool demo = false;  // the demo account with all it has, where there is no account
  // Where the demo asks who may count, in a process that has a server for it; empty: it does not.
  std::string demo_endpoint_uri = {};
  SignUp sign_up = SignUp::kOpen;
  runtime::TlsFiles tls = {};  // of both ports
  admin::Passwords::Cost password_cost = {};
  counter::Replica::Options replica = {};
};

// What it is given; all of it outlives the counterd.
struct Parts {
  runtime::Clock& clock;
  runtime::Random& random;
  const observability::Logger& logger;
  runtime::Health& health;  // gets the parts "engine" and "loop"
  prometheus::Registry& registry;
  // VerifierService, which takes the edge token; null: there is none.
  std::shared_ptr<grpc::Channel> verifier = nullptr;
};

class Counterd {
 public:
  // Serves when it returns. Errors are those of the engine's Open() and RestoreFrom(), of the tokens' files
  // and of the servers; each says what it was and what to do.
  static absl::StatusOr<std::unique_ptr<Counterd>> Start(const Options& options,
                                                         const Parts& parts);
  // As Drain() with no time left.
  ~Counterd();
  Counterd(const Counterd&) = delete;
  Counterd& operator=(const Counterd&) = delete;

  // "host:port" with the port that was bound; "" where there is none.
  const std::string& grpc_address() const { return grpc_server_->address(); }
  const std::string& edge_address() const { return edge_server_->address(); }

  // For the console of this process: a channel to the services of --grpc_listen without a socket.
  std::shared_ptr<grpc::Channel> GrpcChannel() { return grpc_server_->InProcessChannel(); }

  // For gateways of this process: a channel to EdgeService without a socket, and the token it wants.
  std::shared_ptr<grpc::Channel> EdgeChannel() { return edge_server_->InProcessChannel(); }
  const std::string& edge_token() const { return edge_token_; }

  // Brings metrics up to date that are counted elsewhere: before they are shown, from one thread at a time.
  void UpdateMetrics();

  // Ends streams (gateways come back to whoever serves next), lets calls finish until `deadline`, closes
  // the engine. Idempotent.
  void Drain(absl::Time deadline);

 private:
  Counterd(const Options& options, const Parts& parts);

  absl::Status Restore();
  absl::Status Open();
  absl::Status LoadTokens();
  absl::Status StartAdmin();
  absl::Status LoadDemo();
  admin::Admin::Options AdminOptions() const;
  absl::Status Serve();

  const Options options_;
  const Parts parts_;
  observability::CounterdMetrics metrics_;
  observability::EngineMetrics engine_metrics_;
  observability::StoreMetrics store_metrics_;
  observability::GrpcServerMetrics grpc_metrics_;
  std::string edge_token_;
  std::unique_ptr<runtime::TokenVerifier> admin_verifier_;
  std::unique_ptr<runtime::TokenVerifier> edge_verifier_;

  // Each uses those above it.
  std::unique_ptr<counter::EmbeddedEngine> store_;
  std::unique_ptr<counter::CounterEngine> engine_;  // the store, measured
  std::unique_ptr<admin::Admin> admin_;
  std::unique_ptr<counter::ReplicaLoop> loop_;
  std::unique_ptr<counter::Increments> increments_;
  std::unique_ptr<counter::CounterService> counter_service_;
  std::unique_ptr<counter::EdgeService> edge_service_;
  std::unique_ptr<runtime::GrpcServer> grpc_server_;
  std::unique_ptr<runtime::GrpcServer> edge_server_;
  std::unique_ptr<counter::Readiness> readiness_;
};

// Whether Start() could have its data directory, backup and ports, without starting: for --check_config.
absl::Status CheckOptions(const Options& options);

}  // namespace livecounter::counterd

#endif  // LIVECOUNTER_SERVICES_COUNTERD_COUNTERD_H_
