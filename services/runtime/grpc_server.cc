#include "services/runtime/grpc_server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <utility>

#include "absl/base/call_once.h"
#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "services/runtime/grpc_metrics.h"
#include "services/runtime/listen_check.h"

namespace livecounter::runtime {
namespace {

// Clients of ours ping every 5 s (grpc_client.cc); others may ping as often as that and no more.
constexpr int kMinPingIntervalMs = 4'000;
// A client that is silent for this long is pinged, and dropped without an answer in as much again.
constexpr int kKeepaliveMs = 20'000;

// Health checks and reflection are switched on for the whole process, before the first server.
void EnableBuiltInServices() {
  static absl::once_flag once;
  absl::call_once(once, [] {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  });
}

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeCredentials(
    const GrpcServerOptions& options) {
  if (!options.tls.enabled()) return grpc::InsecureServerCredentials();
  return MakeServerTls(options.tls, options.on_tls_change);
}

void SetLimits(const GrpcServerOptions& options, grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(options.max_message_bytes);
  // Otherwise a second process on the same port takes half of the connections, silently.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveMs);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             kMinPingIntervalMs);
}

void AddMetrics(const std::vector<GrpcService>& services, const GrpcServerOptions& options,
                grpc::ServerBuilder& builder) {
  std::vector<std::string> names;
  names.reserve(services.size());
  for (const GrpcService& service : services) names.push_back(service.full_name);
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> factories;
  factories.push_back(MakeMetricsInterceptorFactory(names, *options.metrics, options.logger));
  builder.experimental().SetInterceptorCreators(std::move(factories));
}

}  // namespace

// Passes the Health's changes on to gRPC's health service until the server is gone.
class GrpcServer::HealthLink {
 public:
  explicit HealthLink(grpc::HealthCheckServiceInterface* service) : service_(service) {}

  void Tell(bool alive, bool ready) {
    absl::MutexLock lock(&mutex_);
    if (service_ == nullptr) return;
    service_->SetServingStatus("alive", alive);
    service_->SetServingStatus("ready", ready);
    service_->SetServingStatus("", ready);
  }
  void Cut() {
    absl::MutexLock lock(&mutex_);
    service_ = nullptr;
  }

 private:
  absl::Mutex mutex_;
  grpc::HealthCheckServiceInterface* service_ ABSL_GUARDED_BY(mutex_);
};

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(
    const GrpcServerOptions& options, const std::vector<GrpcService>& services) {
  EnableBuiltInServices();
  absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> credentials = MakeCredentials(options);
  if (!credentials.ok()) return credentials.status();

  grpc::ServerBuilder builder;
  SetLimits(options, builder);
  ListenAddress bound = options.listen;
  if (options.listen.enabled()) {
    builder.AddListeningPort(options.listen.ToString(), *credentials, &bound.port);
  }
  for (const GrpcService& service : services) builder.RegisterService(service.service);
  if (options.metrics != nullptr) AddMetrics(services, options, builder);

  std::unique_ptr<GrpcServer> server(new GrpcServer);
  server->credentials_ = *credentials;
  server->server_ = builder.BuildAndStart();
  if (server->server_ == nullptr || (options.listen.enabled() && bound.port == 0)) {
    const absl::Status why = CheckListen(options.listen);
    if (!why.ok()) return why;
    return absl::UnavailableError(absl::StrCat("cannot serve gRPC on ", options.listen.ToString()));
  }
  server->address_ = bound.ToString();
  server->max_message_bytes_ = options.max_message_bytes;
  server->health_link_ = std::make_shared<HealthLink>(server->server_->GetHealthCheckService());
  if (options.health != nullptr) {
    options.health->Listen(
        [link = server->health_link_](bool alive, bool ready) { link->Tell(alive, ready); });
  } else {
    server->health_link_->Tell(/*alive=*/true, /*ready=*/true);
  }
  return server;
}

GrpcServer::~GrpcServer() {
  if (health_link_ != nullptr) health_link_->Cut();
  if (server_ != nullptr) Shutdown(absl::InfinitePast());
}

std::shared_ptr<grpc::Channel> GrpcServer::InProcessChannel() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(max_message_bytes_);
  return server_->InProcessChannel(arguments);
}

void GrpcServer::Shutdown(absl::Time deadline) {
  server_->Shutdown(absl::ToChronoTime(deadline));
  server_->Wait();
}

}  // namespace livecounter::runtime
