// The gateway's catalog over EdgeService.WatchCatalog: one stream, opened again within a second whenever it
// breaks. While the counter service is away the last catalog stays in force.

#ifndef LIVECOUNTER_GATEWAY_UPSTREAM_CATALOG_CLIENT_H_
#define LIVECOUNTER_GATEWAY_UPSTREAM_CATALOG_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "core/backoff.h"
#include "gateway/catalog.h"
#include "gateway/catalog_inboxes.h"
#include "gateway/upstream/catalog_builder.h"
#include "observability/logging.h"
#include "services/runtime/clock.h"
#include "services/runtime/loop_thread.h"
#include "services/runtime/random.h"

namespace grpc {
class Channel;
}

namespace livecounter::gateway {

// All methods may be called from any thread.
class CatalogClient final : public Catalog {
 public:
  struct Options {
    std::string token = {};  // what --edge_token_file holds
    CatalogBuilder::Options builder = {};
    Backoff::Options backoff = {};
    absl::Duration interval = absl::Milliseconds(50);  // between tables, when much changes
  };

  // Connects at once. `channel` leads to --edge_listen, or into the same process; `clock`, `random` and
  // `logger` outlive the client.
  CatalogClient(Options options, std::shared_ptr<grpc::Channel> channel, runtime::Clock& clock,
                runtime::Random& random, const observability::Logger& logger);
  // As Stop().
  ~CatalogClient() override;

  // Ends the stream for good; inboxes are not called any more when this returns, and the last catalog stays in
  // force. To be called before a service in the same process ends. Idempotent.
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

  void AddLoop(Inbox inbox) override { inboxes_.Add(std::move(inbox)); }
  bool is_known() const override { return inboxes_.has_told(); }

  // Products in force; products received so far, new or changed or gone; and since when changes do not come
  // (InfiniteFuture while they do).
  size_t products() const ABSL_LOCKS_EXCLUDED(mutex_);
  int64_t changes() const ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Time LostSince() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Returns when there is a catalog, at latest after `patience`: whether there is one.
  bool AwaitKnown(absl::Duration patience) const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  class Stream;

  // --- On the thread. ---

  absl::Time Turn(absl::Time now);
  void OnMessage(const v1::WatchCatalogResponse& message);
  void OnDone(const absl::Status& status);
  // Tells the loops what changed since it told them last.
  void Tell(absl::Time now);

  const Options options_;
  const std::shared_ptr<grpc::Channel> channel_;
  runtime::Clock& clock_;
  const observability::Logger& logger_;

  CatalogInboxes inboxes_;
  CatalogBuilder builder_;
  Backoff backoff_;
  std::unique_ptr<Stream> stream_;
  absl::Time next_attempt_ = absl::InfinitePast();
  absl::Time next_tell_ = absl::InfinitePast();
  bool is_changed_ = false;
  bool stopping_ = false;
  absl::StatusCode last_failure_ = absl::StatusCode::kOk;  // told once for each reason

  mutable absl::Mutex mutex_;
  bool is_known_ ABSL_GUARDED_BY(mutex_) = false;
  size_t products_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t changes_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Time lost_since_ ABSL_GUARDED_BY(mutex_);
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;  // for good, and no stream
  runtime::LoopThread thread_;                    // last: it uses all of the above
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_UPSTREAM_CATALOG_CLIENT_H_
