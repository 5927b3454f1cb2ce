// DownloadBackup (proto/…/admin_service.proto): the engine's copy of its store, sent as one archive
// (services/counter/backup_archive.h). The copy stands beside the store while it is sent, where it is made
// of links and takes next to no room.

#ifndef LIVECOUNTER_SERVICES_ADMIN_BACKUP_DOWNLOADS_H_
#define LIVECOUNTER_SERVICES_ADMIN_BACKUP_DOWNLOADS_H_

#include <grpcpp/support/server_callback.h>

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "livecounter/v1/admin_service.pb.h"
#include "services/counter/engine.h"
#include "services/runtime/clock.h"
#include "services/runtime/worker_pool.h"

namespace livecounter::admin {

// All methods may be called from any thread.
class BackupDownloads {
 public:
  using Reactor = grpc::ServerWriteReactor<v1::BackupChunk>;

  // `directory` is for this alone, on the disk of the store: what is in it goes. `engine` and `clock`
  // outlive it.
  BackupDownloads(std::string directory, counter::CounterEngine& engine, runtime::Clock& clock);
  // After the server that serves it.
  ~BackupDownloads();
  BackupDownloads(const BackupDownloads&) = delete;
  BackupDownloads& operator=(const BackupDownloads&) = delete;

  // What the method returns, for callers who may call it.
  Reactor* Start();
  // The one that is sent ends with UNAVAILABLE, and none begins.
  void Drain() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  class Download;

  absl::Status Begin() ABSL_LOCKS_EXCLUDED(mutex_);
  void End() ABSL_LOCKS_EXCLUDED(mutex_);
  bool IsDraining() const ABSL_LOCKS_EXCLUDED(mutex_);
  void Clear() const;

  const std::string directory_;
  counter::CounterEngine& engine_;
  runtime::Clock& clock_;
  mutable absl::Mutex mutex_;
  bool is_sending_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_draining_ ABSL_GUARDED_BY(mutex_) = false;
  runtime::WorkerPool worker_;  // last: its tasks use all of the above
};

}  // namespace livecounter::admin

#endif  // LIVECOUNTER_SERVICES_ADMIN_BACKUP_DOWNLOADS_H_
