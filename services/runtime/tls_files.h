// Certificates for gRPC ports and channels, read from PEM files at start. A renewed certificate is
// taken at the next start.

#ifndef LIVECOUNTER_SERVICES_RUNTIME_TLS_FILES_H_
#define LIVECOUNTER_SERVICES_RUNTIME_TLS_FILES_H_

#include <string>

#include "absl/status/statusor.h"

namespace livecounter::runtime {

// Paths, as flags give them. All empty: no TLS.
struct TlsFiles {
  std::string cert;  // our certificate chain
  std::string key;   // its private key
  std::string ca;    // who signs the other side; on a server, set means mTLS: clients must show one

  bool enabled() const { return !cert.empty() || !key.empty() || !ca.empty(); }
};

// What is in the files.
struct TlsPem {
  std::string cert;
  std::string key;
  std::string ca;
};

// Reads and checks them: readable, PEM, the key belongs to the certificate. Errors name the file.
absl::StatusOr<TlsPem> LoadTlsFiles(const TlsFiles& files);

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_TLS_FILES_H_
