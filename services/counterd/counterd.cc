#include "services/counterd/counterd.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/counter/metered_engine.h"
#include "services/runtime/files.h"
#include "services/runtime/listen_check.h"

namespace livecounter::counterd {
namespace {

absl::StatusOr<std::string> TokenOr(const std::string& given, const std::string& path,
                                    runtime::Random& random) {
  if (!given.empty()) return given;
  return runtime::LoadOrCreateToken(path, random);
}

// A directory that can be written to, or made where there is none yet.
absl::Status CheckDataDir(const std::string& data_dir) {
  const absl::Status usable = runtime::CheckDirectory(data_dir);
  if (usable.ok()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("the data directory ", data_dir,
                                                    " cannot be used: ", usable.message(),
                                                    "; choose another --data_dir"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Counterd>> Counterd::Start(const Options& options,
                                                          const Parts& parts) {
  std::unique_ptr<Counterd> counterd(new Counterd(options, parts));
  for (auto step :
       {&Counterd::Open, &Counterd::LoadTokens, &Counterd::StartAdmin, &Counterd::Serve}) {
    if (absl::Status status = (counterd.get()->*step)(); !status.ok()) return status;
  }
  return counterd;
}

Counterd::Counterd(const Options& options, const Parts& parts)
    : options_(options),
      parts_(parts),
      metrics_(parts.registry),
      engine_metrics_(parts.registry),
      store_metrics_(parts.registry),
      grpc_metrics_(parts.registry) {}

Counterd::~Counterd() { Drain(absl::InfinitePast()); }

absl::Status Counterd::Restore() {
  if (options_.restore_from.empty()) return absl::OkStatus();
  const auto restored =
      counter::EmbeddedEngine::RestoreFrom(options_.restore_from, options_.data_dir);
  if (!restored.ok()) return restored.status();
  if (*restored == counter::embedded::Restored::kNow) {
    parts_.logger.Info("restored", {{"from", options_.restore_from}});
  } else {
    parts_.logger.Info("restore_skipped", {{"from", options_.restore_from},
                                           {"reason", "the store was made from it before"}});
  }
  return absl::OkStatus();
}

absl::Status Counterd::Open() {
  if (absl::Status restored = Restore(); !restored.ok()) return restored;
  counter::EmbeddedEngineOptions engine_options;
  engine_options.directory = options_.data_dir;
  engine_options.durability = options_.durability;
  engine_options.logger = &parts_.logger;
  engine_options.on_commit = [this](const counter::CommitReport& report) {
    if (!report.status.ok()) return store_metrics_.commit_failures().Increment();
    metrics_.hits().Increment(static_cast<double>(report.hits));
    metrics_.commit().Observe(absl::ToDoubleSeconds(report.took));
  };
  engine_options.on_history = [this](size_t points, bool written) {
    store_metrics_.history_points(written).Increment(static_cast<double>(points));
  };
  auto store = counter::EmbeddedEngine::Open(std::move(engine_options), parts_.clock);
  if (!store.ok()) return store.status();
  store_ = *std::move(store);
  engine_ = std::make_unique<counter::MeteredEngine>(*store_, engine_metrics_, parts_.clock);
  parts_.logger.Info("store_opened",
                     {{"data_dir", options_.data_dir}, {"epoch", engine_->Epoch()}});
  loop_ = std::make_unique<counter::ReplicaLoop>(options_.replica, *engine_, parts_.clock,
                                                 parts_.logger, metrics_);
  increments_ = std::make_unique<counter::Increments>(
      *engine_,
      [this] {
        return SenderId{parts_.random.Uint64(), parts_.random.Uint64()};
      },
      parts_.clock);
  return absl::OkStatus();
}

absl::Status Counterd::LoadTokens() {
  const auto admin =
      TokenOr(options_.admin_token, absl::StrCat(options_.data_dir, "/admin-token"), parts_.random);
  if (!admin.ok()) return admin.status();
  const auto edge =
      TokenOr(options_.edge_token, absl::StrCat(options_.data_dir, "/edge-token"), parts_.random);
  if (!edge.ok()) return edge.status();
  admin_verifier_ = std::make_unique<runtime::TokenVerifier>(*admin, parts_.random);
  edge_verifier_ = std::make_unique<runtime::TokenVerifier>(*edge, parts_.random);
  edge_token_ = *edge;
  return absl::OkStatus();
}

admin::Admin::Options Counterd::AdminOptions() const {
  return {.sign_in = {.sign_up_is_open = options_.sign_up == SignUp::kOpen,
                      .password_cost = options_.password_cost},
          .verifier = {.channel = parts_.verifier, .token = edge_token_},
          .backup_directory = absl::StrCat(options_.data_dir, "/backup-in-progress")};
}

absl::Status Counterd::StartAdmin() {
  auto admin = admin::Admin::Start(AdminOptions(), {*engine_, *loop_, *admin_verifier_,
                                                    parts_.clock, parts_.random, parts_.logger});
  if (!admin.ok()) return admin.status();
  admin_ = *std::move(admin);
  // The demo's counters come before its product.
  if (absl::Status loaded = LoadDemo(); !loaded.ok()) return loaded;
  engine_->SetProducts(admin_->products());
  return absl::OkStatus();
}

absl::Status Counterd::LoadDemo() {
  if (!options_.demo) return absl::OkStatus();
  const absl::StatusOr<bool> loaded = admin_->LoadDemo(options_.demo_endpoint_uri);
  if (!loaded.ok()) return loaded.status();
  if (*loaded) parts_.logger.Info("demo_data_loaded");
  return absl::OkStatus();
}

absl::Status Counterd::Serve() {
  counter_service_ = std::make_unique<counter::CounterService>(counter::CounterService::Parts{
      *engine_, *increments_, *loop_, admin_->products(), admin_->callers(), parts_.clock});
  edge_service_ =
      std::make_unique<counter::EdgeService>(*loop_, admin_->catalog_watch(), *edge_verifier_);
  runtime::GrpcServerOptions options;
  options.metrics = &grpc_metrics_;
  options.logger = &parts_.logger;
  options.health = &parts_.health;
  options.tls = options_.tls;
  options.on_tls_change = runtime::LogTlsChange(parts_.logger, options_.tls.cert);
  options.listen = options_.grpc_listen;
  auto grpc_server =
      runtime::GrpcServer::Start(options, {counter_service_->service(), admin_->service()});
  if (!grpc_server.ok()) return grpc_server.status();
  grpc_server_ = *std::move(grpc_server);
  options.listen = options_.edge_listen;
  auto edge_server = runtime::GrpcServer::Start(options, {edge_service_->service()});
  if (!edge_server.ok()) return edge_server.status();
  edge_server_ = *std::move(edge_server);
  readiness_ = std::make_unique<counter::Readiness>(counter::Readiness::Options(), *engine_, *loop_,
                                                    parts_.health, parts_.clock);
  return absl::OkStatus();
}

void Counterd::UpdateMetrics() {
  metrics_.catalog_products().Set(static_cast<double>(admin_->catalog().CountProducts()));
  metrics_.catalog_watchers().Set(static_cast<double>(admin_->catalog_feed().watchers()));
  observability::RaiseTo(static_cast<double>(admin_->catalog_feed().changes()),
                         metrics_.catalog_changes());
  store_metrics_.counters_in_memory().Set(static_cast<double>(store_->counters_in_memory()));
  const auto facts = store_->store_facts();
  store_metrics_.writable().Set(facts && facts->is_writable ? 1 : 0);
  if (!facts) return;
  store_metrics_.disk_free().Set(static_cast<double>(facts->disk_free_bytes));
  store_metrics_.tables().Set(static_cast<double>(facts->table_bytes));
  store_metrics_.log().Set(static_cast<double>(facts->log_bytes));
  store_metrics_.compactions().Set(static_cast<double>(facts->compactions));
  store_metrics_.compaction_pending().Set(static_cast<double>(facts->compaction_pending_bytes));
}

void Counterd::Drain(absl::Time deadline) {
  readiness_.reset();
  if (loop_ != nullptr) loop_->Post([](counter::Replica& replica) { replica.Drain(); });
  if (admin_ != nullptr) admin_->Drain();
  if (edge_server_ != nullptr) edge_server_->Shutdown(deadline);
  if (grpc_server_ != nullptr) grpc_server_->Shutdown(deadline);
  if (engine_ != nullptr) engine_->Close();
}

absl::Status CheckOptions(const Options& options) {
  for (const runtime::ListenAddress& address : {options.grpc_listen, options.edge_listen}) {
    if (absl::Status status = runtime::CheckListen(address); !status.ok()) return status;
  }
  if (absl::Status status = CheckDataDir(options.data_dir); !status.ok()) return status;
  if (options.restore_from.empty()) return absl::OkStatus();
  return counter::EmbeddedEngine::CheckRestore(options.restore_from, options.data_dir);
}

}  // namespace livecounter::counterd
