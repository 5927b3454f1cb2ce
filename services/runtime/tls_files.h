// Certificates for ports and channels, read from PEM files. Both take renewed ones while they run
// (grpc_server_tls.h, grpc_client.h).

#ifndef LIVECOUNTER_SERVICES_RUNTIME_TLS_FILES_H_
#define LIVECOUNTER_SERVICES_RUNTIME_TLS_FILES_H_

#include <string>

#include "absl/status/statusor.h"

namespace livecounter::runtime {

// Paths, as flags give them.
struct TlsFiles {
  std::string cert = {};  // our certificate, those that lead to its root after it
  std::string key = {};   // its private key, without a passphrase
  std::string ca = {};    // the roots that certificates of the other side must lead to

  bool enabled() const { return !cert.empty() || !key.empty() || !ca.empty(); }
};

// What is in the files; empty where no path is given.
struct TlsPem {
  std::string cert;
  std::string key;
  std::string ca;
};

// Reads the files and checks that they are PEM of the right kind and that the key is the
// certificate's. InvalidArgument for a certificate without a key or the other way round; errors
// name the file.
absl::StatusOr<TlsPem> LoadTlsFiles(const TlsFiles& files);

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_TLS_FILES_H_
