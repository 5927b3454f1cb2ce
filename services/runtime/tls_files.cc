#include "services/runtime/tls_files.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "services/runtime/files.h"

namespace livecounter::runtime {
namespace {

constexpr size_t kMaxPemBytes = 1 << 20;

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Certificate = std::unique_ptr<X509, Free>;
using Key = std::unique_ptr<EVP_PKEY, Free>;

// OpenSSL would ask the terminal for a passphrase; a server has nobody to ask.
int NoPassphrase(char*, int, int, void*) { return 0; }

std::unique_ptr<BIO, Free> Reader(const std::string& pem) {
  return std::unique_ptr<BIO, Free>(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

Certificate ParseCertificate(const std::string& pem) {
  return Certificate(PEM_read_bio_X509(Reader(pem).get(), nullptr, NoPassphrase, nullptr));
}

Key ParseKey(const std::string& pem) {
  return Key(PEM_read_bio_PrivateKey(Reader(pem).get(), nullptr, NoPassphrase, nullptr));
}

absl::Status CannotUse(const std::string& path, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("cannot use ", path, ": ", why));
}

absl::StatusOr<std::string> ReadCertificates(const std::string& path) {
  absl::StatusOr<std::string> pem = ReadSmallFile(path, kMaxPemBytes);
  if (pem.ok() && ParseCertificate(*pem) == nullptr) {
    return CannotUse(path, "it holds no certificate in PEM form");
  }
  return pem;
}

absl::Status CheckPair(const TlsFiles& files, const TlsPem& pem) {
  const Key key = ParseKey(pem.key);
  if (key == nullptr) {
    return CannotUse(files.key, "it holds no private key in PEM form without a passphrase");
  }
  if (X509_check_private_key(ParseCertificate(pem.cert).get(), key.get()) != 1) {
    return CannotUse(files.key,
                     absl::StrCat("it is not the key of the certificate in ", files.cert));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TlsPem> LoadTlsFiles(const TlsFiles& files) {
  if (files.cert.empty() != files.key.empty()) {
    return absl::InvalidArgumentError("a TLS certificate and its private key go together");
  }
  TlsPem pem;
  if (!files.cert.empty()) {
    absl::StatusOr<std::string> cert = ReadCertificates(files.cert);
    if (!cert.ok()) return cert.status();
    absl::StatusOr<std::string> key = ReadSmallFile(files.key, kMaxPemBytes);
    if (!key.ok()) return key.status();
    pem.cert = *std::move(cert);
    pem.key = *std::move(key);
    const absl::Status pair = CheckPair(files, pem);
    if (!pair.ok()) return pair;
  }
  if (!files.ca.empty()) {
    absl::StatusOr<std::string> ca = ReadCertificates(files.ca);
    if (!ca.ok()) return ca.status();
    pem.ca = *std::move(ca);
  }
  return pem;
}

}  // namespace livecounter::runtime
