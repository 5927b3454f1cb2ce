#include "gateway/net/tls_server_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace livecounter::gateway::net {
namespace {

constexpr absl::Duration kLookEvery = absl::Milliseconds(500);

// As ALPN has it: each name after its length.
constexpr unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

// Of TLS 1.2; those of 1.3 are all good. Keys of each connection's own, and authenticated encryption.
constexpr char kCiphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20";

// A record is buffered whole while the client does not take it.
constexpr long kMaxRecord = 4096;  // NOLINT(google-runtime-int): OpenSSL's type

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Certificate = std::unique_ptr<X509, Free>;

std::unique_ptr<BIO, Free> Reader(const std::string& pem) {
  return std::unique_ptr<BIO, Free>(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

Certificate NextCertificate(BIO* reader) {
  return Certificate(PEM_read_bio_X509(reader, nullptr, nullptr, nullptr));
}

int ChooseProtocol(SSL* /*session*/, const unsigned char** chosen, unsigned char* chosen_size,
                   const unsigned char* offered, unsigned int offered_size, void* /*argument*/) {
  const int found = SSL_select_next_proto(const_cast<unsigned char**>(chosen), chosen_size, kHttp11,
                                          sizeof(kHttp11), offered, offered_size);
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

absl::Status CannotUse(const std::string& path) {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  return absl::InvalidArgumentError(
      absl::StrCat("cannot use ", path, ": ", reason == nullptr ? "OpenSSL refuses it" : reason));
}

void SetRules(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context, kCiphers);
  // An end without close_notify is an end: HTTP and WebSocket say by themselves where theirs is.
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_max_send_fragment(context, kMaxRecord);
  // Tickets hold the sessions; we keep none.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(context, ChooseProtocol, nullptr);
}

absl::Status SetCertificates(SSL_CTX* context, const runtime::TlsFiles& files,
                             const runtime::TlsPem& pem) {
  const std::unique_ptr<BIO, Free> reader = Reader(pem.cert);
  if (SSL_CTX_use_certificate(context, NextCertificate(reader.get()).get()) != 1) {
    return CannotUse(files.cert);
  }
  while (Certificate issuer = NextCertificate(reader.get())) {
    if (SSL_CTX_add1_chain_cert(context, issuer.get()) != 1) return CannotUse(files.cert);
  }
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) return CannotUse(files.cert);
  const std::unique_ptr<EVP_PKEY, Free> key(
      PEM_read_bio_PrivateKey(Reader(pem.key).get(), nullptr, nullptr, nullptr));
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1) return CannotUse(files.key);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TlsServerContext::Context> TlsServerContext::MakeContext(
    const runtime::TlsFiles& files) {
  const absl::StatusOr<runtime::TlsPem> pem = runtime::LoadTlsFiles(files);
  if (!pem.ok()) return pem.status();
  ERR_clear_error();
  Context context(SSL_CTX_new(TLS_server_method()));
  if (context == nullptr) return absl::InternalError("OpenSSL makes no context");
  SetRules(context.get());
  const absl::Status status = SetCertificates(context.get(), files, *pem);
  ERR_clear_error();
  if (!status.ok()) return status;
  return context;
}

absl::StatusOr<std::unique_ptr<TlsServerContext>> TlsServerContext::Load(runtime::TlsFiles files,
                                                                         OnChange on_change) {
  std::unique_ptr<TlsServerContext> loaded(
      new TlsServerContext(std::move(files), std::move(on_change)));
  const FileStates states = loaded->CurrentStates();
  absl::StatusOr<Context> context = MakeContext(loaded->files_);
  if (!context.ok()) return context.status();
  absl::MutexLock lock(&loaded->mutex_);
  loaded->context_ = *std::move(context);
  loaded->tried_ = loaded->seen_ = states;
  return loaded;
}

TlsSession TlsServerContext::NewSession() {
  absl::MutexLock lock(&mutex_);
  return TlsSession(SSL_new(context_.get()));
}

TlsServerContext::FileState TlsServerContext::StateOf(const std::string& path) {
  struct stat found;
  if (stat(path.c_str(), &found) != 0) return {};
  constexpr int64_t kNanosecondsASecond = 1'000'000'000;
  return {found.st_dev, found.st_ino, found.st_size,
          found.st_mtim.tv_sec * kNanosecondsASecond + found.st_mtim.tv_nsec,
          found.st_ctim.tv_sec * kNanosecondsASecond + found.st_ctim.tv_nsec};
}

void TlsServerContext::LookAtFiles() {
  const FileStates now = CurrentStates();
  {
    absl::MutexLock lock(&mutex_);
    const bool is_steady = now == std::exchange(seen_, now);
    if (!is_steady || now == tried_) return;
    tried_ = now;
  }
  absl::StatusOr<Context> context = MakeContext(files_);
  if (context.ok()) {
    absl::MutexLock lock(&mutex_);
    context_.swap(*context);
  }
  on_change_(context.status());
}

TlsReloadTimer::TlsReloadTimer(Loop& loop, TlsServerContext& context)
    : loop_(loop), context_(context), deadline_(this) {
  loop_.Arm(deadline_, kLookEvery);
}

TlsReloadTimer::~TlsReloadTimer() { loop_.Disarm(deadline_); }

void TlsReloadTimer::OnDeadline(Deadline& /*deadline*/) {
  context_.LookAtFiles();
  loop_.Arm(deadline_, kLookEvery);
}

}  // namespace livecounter::gateway::net
