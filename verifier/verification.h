// Whether users may count: the rules of core/verdict_desk.h around a CustomerEndpoint (contract §4).

#ifndef LIVECOUNTER_VERIFIER_VERIFICATION_H_
#define LIVECOUNTER_VERIFIER_VERIFICATION_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/optional.h"
#include "core/verdict_desk.h"
#include "observability/metrics.h"
#include "services/runtime/clock.h"
#include "services/runtime/random.h"
#include "verifier/customer_endpoint.h"
#include "verifier/user_question.h"

namespace livecounter::verifier {

// All methods may be called from any thread.
class Verification {
 public:
  // All outlive it; the endpoint calls nothing back any more when it goes.
  Verification(const VerdictDesk::Options& options, CustomerEndpoint& endpoint,
               runtime::Clock& clock, runtime::Random& random,
               observability::VerifierMetrics& metrics);

  // Answers a question that CheckQuestion() found good. `done` is called once, here or on a thread of the
  // endpoint's, without locks held; it must not block. ResourceExhausted where too many of the product
  // wait, Unavailable after Stop().
  using Done = std::function<void(const absl::StatusOr<KnownVerdict>&)>;
  AskId Ask(UserQuestion question, const Done& done);

  // Nobody waits for the answer any more. True: its `done` will not be called.
  bool Withdraw(AskId ask);

  // Answers all who wait with Unavailable, and begins no calls from now on.
  void Stop();

  // Brings the metrics up to date with what only time has changed; before they are shown.
  void UpdateMetrics() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Waiting {
    UserQuestion question;
    PresenceHash user;
    Done done;
  };
  // A call to begin, once no lock is held.
  struct Beginning {
    VerdictDesk::Call call;
    UserQuestion question;
  };

  PresenceHash UserOf(const UserQuestion& question) const;
  // The answer, or nothing where the ask is to wait.
  absl::optional<absl::StatusOr<KnownVerdict>> AskDesk(absl::string_view product,
                                                       const PresenceHash& user, AskId ask)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::vector<Beginning> TakeCalls() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ShowMetrics() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Begin(std::vector<Beginning> calls) ABSL_LOCKS_EXCLUDED(mutex_);
  void End(const VerdictDesk::Call& call, Verdict verdict) ABSL_LOCKS_EXCLUDED(mutex_);

  CustomerEndpoint& endpoint_;
  runtime::Clock& clock_;
  runtime::Random& random_;
  observability::VerifierMetrics& metrics_;
  const std::string hash_key_;  // of this process

  absl::Mutex mutex_;
  VerdictDesk desk_ ABSL_GUARDED_BY(mutex_);
  AskId last_ask_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_map<AskId, Waiting> waiting_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace livecounter::verifier

#endif  // LIVECOUNTER_VERIFIER_VERIFICATION_H_
