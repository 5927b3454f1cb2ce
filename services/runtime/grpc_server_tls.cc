#include "services/runtime/grpc_server_tls.h"

#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpcpp/security/server_credentials.h>
#include <sys/stat.h>

#include <array>
#include <cstdint>
#include <tuple>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace livecounter::runtime {
namespace {

// When a file was written, and which it is; all 0 where there is none.
using FileState = std::tuple<uint64_t, uint64_t, int64_t, int64_t, int64_t>;

FileState StateOf(const std::string& path) {
  struct stat found;
  if (path.empty() || stat(path.c_str(), &found) != 0) return {};
  return {found.st_dev, found.st_ino, found.st_size, found.st_mtim.tv_sec, found.st_mtim.tv_nsec};
}

// What a port shows, as its files say. Any thread.
class Certificates {
 public:
  Certificates(TlsFiles files, OnTlsChange on_change)
      : files_(std::move(files)), on_change_(std::move(on_change)) {}

  absl::Status Load() ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    return LoadLocked();
  }

  // gRPC asks before each handshake.
  grpc_ssl_certificate_config_reload_status Fetch(grpc_ssl_server_certificate_config** config)
      ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    if (tried_ != States()) on_change_(LoadLocked());
    if (!is_new_) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    is_new_ = false;
    const grpc_ssl_pem_key_cert_pair pair = {pem_.key.c_str(), pem_.cert.c_str()};
    // gRPC dies without roots, also where no client is asked for a certificate and they mean nothing.
    const std::string& roots = pem_.ca.empty() ? pem_.cert : pem_.ca;
    *config = grpc_ssl_server_certificate_config_create(roots.c_str(), &pair,
                                                        /*num_key_cert_pairs=*/1);
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }

 private:
  using FileStates = std::array<FileState, 3>;

  FileStates States() const {
    return {StateOf(files_.cert), StateOf(files_.key), StateOf(files_.ca)};
  }

  absl::Status LoadLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    // Before they are read: what is written meanwhile is looked at again.
    tried_ = States();
    absl::StatusOr<TlsPem> pem = LoadTlsFiles(files_);
    if (!pem.ok()) return pem.status();
    pem_ = *std::move(pem);
    is_new_ = true;
    return absl::OkStatus();
  }

  const TlsFiles files_;
  const OnTlsChange on_change_;
  absl::Mutex mutex_;
  FileStates tried_ ABSL_GUARDED_BY(mutex_) = {};
  TlsPem pem_ ABSL_GUARDED_BY(mutex_);
  bool is_new_ ABSL_GUARDED_BY(mutex_) = false;
};

grpc_ssl_certificate_config_reload_status FetchFrom(void* certificates,
                                                    grpc_ssl_server_certificate_config** config) {
  return static_cast<Certificates*>(certificates)->Fetch(config);
}

// gRPC's C++ has no credentials that are asked for certificates; its core has.
class RenewableCredentials final : public grpc::ServerCredentials {
 public:
  RenewableCredentials(std::unique_ptr<Certificates> certificates, bool asks_clients)
      : certificates_(std::move(certificates)),
        core_(grpc_ssl_server_credentials_create_with_options(
            grpc_ssl_server_credentials_create_options_using_config_fetcher(
                asks_clients ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                             : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE,
                &FetchFrom, certificates_.get()))) {}
  ~RenewableCredentials() override { grpc_server_credentials_release(core_); }

  // Who calls is checked by each method (call_authorization.h).
  void SetAuthMetadataProcessor(
      const std::shared_ptr<grpc::AuthMetadataProcessor>& /*processor*/) override {}

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), core_);
  }

  const std::unique_ptr<Certificates> certificates_;
  grpc_server_credentials* const core_;
};

}  // namespace

OnTlsChange LogTlsChange(const observability::Logger& logger, std::string cert_file) {
  return [&logger, file = std::move(cert_file)](const absl::Status& result) {
    if (result.ok()) {
      logger.Info("tls_certificate_loaded", {{"file", file}});
    } else {
      logger.Warning("tls_certificate_kept", {{"reason", result}});
    }
  };
}

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeServerTls(TlsFiles files,
                                                                       OnTlsChange on_change) {
  if (files.cert.empty()) {
    return absl::InvalidArgumentError("TLS needs a certificate and its key on the server's side");
  }
  const bool asks_clients = !files.ca.empty();
  auto certificates = std::make_unique<Certificates>(std::move(files), std::move(on_change));
  if (absl::Status loaded = certificates->Load(); !loaded.ok()) return loaded;
  return std::make_shared<RenewableCredentials>(std::move(certificates), asks_clients);
}

}  // namespace livecounter::runtime
