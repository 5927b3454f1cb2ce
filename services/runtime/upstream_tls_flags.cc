#include "services/runtime/upstream_tls_flags.h"

#include <string>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"

ABSL_FLAG(
    std::string, upstream_tls_ca, "",
    "The programs that this one calls are spoken to over TLS, and their certificates must lead "
    "to one of these roots. Looked at again while it runs, for new connections.");
ABSL_FLAG(std::string, upstream_tls_cert, "",
          "The certificate that is shown to them (mTLS). Looked at again while it runs, for new "
          "connections.");
ABSL_FLAG(std::string, upstream_tls_key, "", "The private key of --upstream_tls_cert.");

namespace livecounter::runtime {
namespace {

constexpr char kCaTakes[] =
    "a PEM file with the roots of the certificates of those that are called, or nothing for no TLS";
constexpr char kCertTakes[] =
    "a PEM file with the certificate and those that lead to its root, with --upstream_tls_ca and "
    "--upstream_tls_key, or nothing to show none";
constexpr char kKeyTakes[] =
    "a PEM file with the private key of --upstream_tls_cert, without a passphrase, or nothing to "
    "show none";

}  // namespace

FlagGroup UpstreamTlsFlags() {
  return {"TLS to those that are called",
          {OwnFlag(FLAGS_upstream_tls_ca, {.takes = kCaTakes}),
           OwnFlag(FLAGS_upstream_tls_cert, {.takes = kCertTakes}),
           OwnFlag(FLAGS_upstream_tls_key, {.takes = kKeyTakes})}};
}

absl::StatusOr<TlsFiles> UpstreamTlsFilesFromFlags() {
  const TlsFiles files = {.cert = absl::GetFlag(FLAGS_upstream_tls_cert),
                          .key = absl::GetFlag(FLAGS_upstream_tls_key),
                          .ca = absl::GetFlag(FLAGS_upstream_tls_ca)};
  if (!files.enabled()) return files;
  if (files.ca.empty()) return BadFlag("upstream_tls_ca", kCaTakes);
  if (const auto pem = LoadTlsFiles(files); !pem.ok()) {
    const bool is_ca = files.cert.empty() && files.key.empty();
    return BadFlag(is_ca ? "upstream_tls_ca" : "upstream_tls_cert",
                   absl::StrCat(is_ca ? kCaTakes : kCertTakes, "; ", pem.status().message()));
  }
  return files;
}

}  // namespace livecounter::runtime
