#include "services/runtime/grpc_tls_flags.h"

#include <string>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"

ABSL_FLAG(
    std::string, grpc_tls_cert, "",
    "The certificate of the gRPC ports: with it, and --grpc_tls_key, they serve TLS and nothing "
    "else. Read again when the files change.");
ABSL_FLAG(std::string, grpc_tls_key, "", "The private key of --grpc_tls_cert.");
ABSL_FLAG(
    std::string, grpc_tls_client_ca, "",
    "Whose certificates the callers of the gRPC ports must show (mTLS). Read again when the file "
    "changes.");

namespace livecounter::runtime {
namespace {

constexpr char kCertTakes[] =
    "a PEM file with the certificate and those that lead to its root, with --grpc_tls_key, or "
    "nothing "
    "for no TLS";
constexpr char kKeyTakes[] =
    "a PEM file with the private key of --grpc_tls_cert, without a passphrase, or nothing for no "
    "TLS";
constexpr char kClientCaTakes[] =
    "a PEM file with the roots of the callers' certificates, with --grpc_tls_cert, or nothing to "
    "ask "
    "for none";

}  // namespace

FlagGroup GrpcTlsFlags() {
  return {"TLS of gRPC",
          {OwnFlag(FLAGS_grpc_tls_cert, {.takes = kCertTakes}),
           OwnFlag(FLAGS_grpc_tls_key, {.takes = kKeyTakes}),
           OwnFlag(FLAGS_grpc_tls_client_ca, {.takes = kClientCaTakes})}};
}

absl::StatusOr<TlsFiles> GrpcTlsFilesFromFlags() {
  const TlsFiles files = {.cert = absl::GetFlag(FLAGS_grpc_tls_cert),
                          .key = absl::GetFlag(FLAGS_grpc_tls_key),
                          .ca = absl::GetFlag(FLAGS_grpc_tls_client_ca)};
  if (!files.enabled()) return files;
  if (files.cert.empty()) return BadFlag("grpc_tls_cert", kCertTakes);
  if (files.key.empty()) return BadFlag("grpc_tls_key", kKeyTakes);
  if (const auto pem = LoadTlsFiles(files); !pem.ok()) {
    return BadFlag("grpc_tls_cert", absl::StrCat(kCertTakes, "; ", pem.status().message()));
  }
  return files;
}

}  // namespace livecounter::runtime
