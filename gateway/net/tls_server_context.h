// The certificate of the edge and what follows from it: how TLS is spoken to clients. Shared by all loops;
// all methods may be called from any thread.
//
// TLS 1.2 with forward secrecy, or 1.3; no renegotiation. Of the protocols that a client offers (ALPN) only
// http/1.1 is chosen: one that offers others alone is turned away, and one that offers none is served.
// Sessions are resumed by ticket, on any loop, until the certificate changes.

#ifndef LIVECOUNTER_GATEWAY_NET_TLS_SERVER_CONTEXT_H_
#define LIVECOUNTER_GATEWAY_NET_TLS_SERVER_CONTEXT_H_

#include <openssl/ssl.h>
#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "gateway/net/loop.h"
#include "services/runtime/tls_files.h"

namespace livecounter::gateway::net {

struct TlsDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* session) const { SSL_free(session); }
};
using TlsSession = std::unique_ptr<SSL, TlsDeleter>;

class TlsServerContext {
 public:
  // Told of files that have changed: OK, and what is in them is used for new connections; or why it cannot
  // be, and what was used before still is. Once for each change.
  using OnChange = std::function<void(const absl::Status& result)>;

  // `files` has a certificate and its key. Errors name the file and what is wrong.
  static absl::StatusOr<std::unique_ptr<TlsServerContext>> Load(runtime::TlsFiles files,
                                                                OnChange on_change);
  TlsServerContext(const TlsServerContext&) = delete;
  TlsServerContext& operator=(const TlsServerContext&) = delete;

  // The server's side of a new connection, with the newest certificate; null when there is no memory.
  TlsSession NewSession();

  // Looks whether the files have changed, and loads them when they then stay the same until the next look:
  // who writes them is done. Cheap while nothing changes.
  void LookAtFiles();

 private:
  // What tells one content of a file from another without reading it.
  struct FileState {
    dev_t device = 0;
    ino_t inode = 0;  // 0: there is no file
    off_t size = 0;
    int64_t modified_ns = 0;
    int64_t changed_ns = 0;
    bool operator==(const FileState&) const = default;
  };
  struct FileStates {
    FileState certificate;
    FileState key;
    bool operator==(const FileStates&) const = default;
  };
  using Context = std::unique_ptr<SSL_CTX, TlsDeleter>;

  TlsServerContext(runtime::TlsFiles files, OnChange on_change)
      : files_(std::move(files)), on_change_(std::move(on_change)) {}

  static FileState StateOf(const std::string& path);
  FileStates CurrentStates() const { return {StateOf(files_.cert), StateOf(files_.key)}; }
  static absl::StatusOr<Context> MakeContext(const runtime::TlsFiles& files);

  const runtime::TlsFiles files_;
  const OnChange on_change_;
  absl::Mutex mutex_;
  Context context_ ABSL_GUARDED_BY(mutex_);
  FileStates tried_
      ABSL_GUARDED_BY(mutex_);  // as they were when they were last loaded, in vain or not
  FileStates seen_ ABSL_GUARDED_BY(mutex_);  // at the last look
};

// Looks at the files of a TlsServerContext every half a second, on one loop. The loop's thread only.
class TlsReloadTimer final : private Deadline::Owner {
 public:
  TlsReloadTimer(Loop& loop, TlsServerContext& context);
  ~TlsReloadTimer();
  TlsReloadTimer(const TlsReloadTimer&) = delete;
  TlsReloadTimer& operator=(const TlsReloadTimer&) = delete;

 private:
  void OnDeadline(Deadline& deadline) override;

  Loop& loop_;
  TlsServerContext& context_;
  Deadline deadline_;
};

}  // namespace livecounter::gateway::net

#endif  // LIVECOUNTER_GATEWAY_NET_TLS_SERVER_CONTEXT_H_
