#include "services/runtime/grpc_client.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <grpcpp/support/channel_arguments.h>

namespace livecounter::runtime {
namespace {

constexpr int kInitialBackoffMs = 100;
constexpr int kMaxBackoffMs = 800;  // to which gRPC adds up to a fifth
// How long one attempt to connect may take before the next; TLS on a busy machine needs some time.
constexpr int kConnectTimeoutMs = 2'000;
constexpr int kMinTimeBetweenDnsMs = 1'000;
constexpr int kKeepaliveMs = 5'000;

// How often files are looked at.
constexpr unsigned kFilesReadSeconds = 1;

std::shared_ptr<grpc::ChannelCredentials> MakeTlsCredentials(const TlsFiles& files) {
  grpc::experimental::TlsChannelCredentialsOptions options;
  if (files.enabled()) {
    options.set_certificate_provider(
        std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
            files.key, files.cert, files.ca, kFilesReadSeconds));
  }
  if (!files.ca.empty()) options.watch_root_certs();
  if (!files.cert.empty()) options.watch_identity_key_cert_pairs();
  return grpc::experimental::TlsCredentials(options);
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> MakeCredentials(
    const GrpcClientOptions& options) {
  if (!options.use_tls) {
    if (options.tls.enabled()) {
      return absl::InvalidArgumentError("TLS files are given, but TLS is not switched on");
    }
    return grpc::InsecureChannelCredentials();
  }
  if (const auto pem = LoadTlsFiles(options.tls); !pem.ok()) return pem.status();
  return MakeTlsCredentials(options.tls);
}

grpc::ChannelArguments MakeArguments(const GrpcClientOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(options.max_message_bytes);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kInitialBackoffMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeoutMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kMaxBackoffMs);
  arguments.SetInt(GRPC_ARG_DNS_MIN_TIME_BETWEEN_RESOLUTIONS_MS, kMinTimeBetweenDnsMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveMs);
  // Pings go on while a stream is open and says nothing.
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  return arguments;
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeGrpcChannel(const GrpcClientOptions& options) {
  if (options.target.empty()) return absl::InvalidArgumentError("the target is empty");
  absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> credentials = MakeCredentials(options);
  if (!credentials.ok()) return credentials.status();
  return grpc::CreateCustomChannel(options.target, *credentials, MakeArguments(options));
}

}  // namespace livecounter::runtime
