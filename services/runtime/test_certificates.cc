#include "services/runtime/test_certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

namespace livecounter::runtime {
namespace {

struct Free {
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

struct Identity {
  std::unique_ptr<X509, Free> certificate;
  std::unique_ptr<EVP_PKEY, Free> key;
};

void AddExtension(X509* certificate, int nid, const char* value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

// Signed by `issuer`, or by itself, which makes it an authority.
Identity MakeIdentity(const char* name, const Identity* issuer) {
  constexpr int kDay = 24 * 60 * 60;
  Identity made{std::unique_ptr<X509, Free>(X509_new()),
                std::unique_ptr<EVP_PKEY, Free>(EVP_EC_gen("P-256"))};
  X509* certificate = made.certificate.get();
  const Identity& signer = issuer == nullptr ? made : *issuer;
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), issuer == nullptr ? 1 : 2);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate), kDay);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  X509_set_issuer_name(certificate, X509_get_subject_name(signer.certificate.get()));
  X509_set_pubkey(certificate, made.key.get());
  if (issuer == nullptr) {
    AddExtension(certificate, NID_basic_constraints, "critical,CA:TRUE");
  } else {
    AddExtension(certificate, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
  }
  X509_sign(certificate, signer.key.get(), EVP_sha256());
  return made;
}

void WriteCertificate(const std::string& path, const Identity& identity) {
  FILE* file = std::fopen(path.c_str(), "w");
  PEM_write_X509(file, identity.certificate.get());
  std::fclose(file);
}

void WriteKey(const std::string& path, const Identity& identity) {
  FILE* file = std::fopen(path.c_str(), "w");
  PEM_write_PrivateKey(file, identity.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
}

}  // namespace

TestCertificates::TestCertificates()
    : folder_((std::filesystem::temp_directory_path() / "certificates_XXXXXX").string()) {
  if (mkdtemp(folder_.data()) == nullptr) std::abort();
  const Identity authority = MakeIdentity("Test authority", nullptr);
  const Identity server = MakeIdentity("localhost", &authority);
  const Identity client = MakeIdentity("client", &authority);
  WriteCertificate(Path("ca.pem"), authority);
  WriteCertificate(Path("server.pem"), server);
  WriteKey(Path("server.key"), server);
  WriteCertificate(Path("client.pem"), client);
  WriteKey(Path("client.key"), client);
  WriteCertificate(Path("other-ca.pem"), MakeIdentity("Other authority", nullptr));
}

TestCertificates::~TestCertificates() { std::filesystem::remove_all(folder_); }

std::string TestCertificates::Path(const std::string& name) const { return folder_ + "/" + name; }

}  // namespace livecounter::runtime
