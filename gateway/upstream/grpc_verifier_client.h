// The verification workers over VerifierService. Each product has its worker, by rendezvous hash, so that the
// worker's promises hold for the product as a whole (contract §4); one that cannot be reached is passed over.

#ifndef LIVECOUNTER_GATEWAY_UPSTREAM_GRPC_VERIFIER_CLIENT_H_
#define LIVECOUNTER_GATEWAY_UPSTREAM_GRPC_VERIFIER_CLIENT_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "gateway/verification/verifier_client.h"
#include "services/runtime/random.h"

namespace grpc {
class Channel;
}

namespace livecounter::gateway {

class GrpcVerifierClient final : public VerifierClient {
 public:
  struct Worker {
    std::string name;  // the same on every gateway: the target
    std::shared_ptr<grpc::Channel> channel;
  };
  struct Options {
    std::vector<Worker> workers = {};  // at least one
    std::string token = {};            // what --edge_token_file holds
    // A customer's endpoint has 3 s, and the worker may have a queue.
    absl::Duration deadline = absl::Seconds(10);
  };
  // `random` outlives it: each question begins a trace of its own.
  GrpcVerifierClient(Options options, runtime::Random& random);
  // As Stop().
  ~GrpcVerifierClient() override;

  void Verify(const Product& product, const PresenceId& presence_id, Done done) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Stop() override ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Call;

  const Worker& WorkerOf(const std::string& product) const;
  void Finish(Call* call, const absl::StatusOr<KnownVerdict>& answer) ABSL_LOCKS_EXCLUDED(mutex_);

  const Options options_;
  runtime::Random& random_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_set<Call*> calls_ ABSL_GUARDED_BY(mutex_);  // under way
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_UPSTREAM_GRPC_VERIFIER_CLIENT_H_
