// Certificates for tests of TLS, made on the spot.

#ifndef LIVECOUNTER_SERVICES_RUNTIME_TEST_CERTIFICATES_H_
#define LIVECOUNTER_SERVICES_RUNTIME_TEST_CERTIFICATES_H_

#include <string>

namespace livecounter::runtime {

// A folder with PEM files: `ca.pem` signs `server.pem` (for localhost and 127.0.0.1) and
// `client.pem`, whose keys are `server.key` and `client.key`; `other-ca.pem` has signed nothing.
// The folder goes with the object.
class TestCertificates {
 public:
  TestCertificates();
  ~TestCertificates();
  TestCertificates(const TestCertificates&) = delete;
  TestCertificates& operator=(const TestCertificates&) = delete;

  std::string Path(const std::string& name) const;

 private:
  std::string folder_;
};

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_TEST_CERTIFICATES_H_
