// Tries a customer's endpoint (contract §4): `w-invalid` must be refused and `w-valid` taken, each rightly,
// which proves that the endpoint is the customer's; only then, for each of the two, 500 calls at the same
// time.

#ifndef LIVECOUNTER_VERIFIER_ENDPOINT_PROBE_H_
#define LIVECOUNTER_VERIFIER_ENDPOINT_PROBE_H_

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/runtime/clock.h"
#include "services/runtime/random.h"
#include "verifier/customer_endpoint.h"
#include "verifier/latency_summary.h"
#include "verifier/probe_limits.h"
#include "verifier/user_question.h"

namespace livecounter::verifier {

inline constexpr int kLoadCalls = 500;

struct ProbeRequest {
  std::string product;
  EndpointSettings endpoint;
  bool ownership_only = false;
  absl::optional<observability::TraceContext> trace = {};  // of who asks for it
};

enum class ProbeStep { kOwnershipInvalid, kOwnershipValid, kLoadInvalid, kLoadValid, kSummary };

struct ProbeProgress {
  ProbeStep step = ProbeStep::kSummary;
  int answered = 0;  // rightly, so far
  int expected = 0;
  bool step_done = false;
  bool done = false;            // the last one
  bool passed = false;          // the step, or with `done` the whole; once it is over
  std::string reason = "";      // why not, in words for the customer
  LatencySummary latency = {};  // of a load that is over; with `done`, of all loads
};

// InvalidArgument says which field is wrong.
absl::Status CheckProbe(const ProbeRequest& request);

// One probe. It lives until its last call has ended, whoever holds it.
class EndpointProbe : public std::enable_shared_from_this<EndpointProbe> {
 public:
  // All outlive it.
  struct Parts {
    CustomerEndpoint& endpoint;
    ProbeLimits& limits;
    runtime::Clock& clock;
    runtime::Random& random;
  };
  // Called in turn, here or on threads of the endpoint's; must not block.
  using Listener = std::function<void(const ProbeProgress&)>;

  // Starts a probe that CheckProbe() found good; the listener hears of everything until `done`. An error of
  // ProbeLimits::Begin(), and then nothing.
  static absl::StatusOr<std::shared_ptr<EndpointProbe>> Start(const ProbeRequest& request,
                                                              const Parts& parts,
                                                              Listener listener);

  // Begins no further step; from now on the listener is not called, but for a call under way.
  void Cancel() { cancelled_ = true; }

 private:
  EndpointProbe(const ProbeRequest& request, const Parts& parts, std::string host,
                Listener listener);

  void BeginStep() ABSL_LOCKS_EXCLUDED(mutex_);
  void OnAnswer(const EndpointAnswer& answer) ABSL_LOCKS_EXCLUDED(mutex_);
  void EndStep(const ProbeProgress& progress) ABSL_LOCKS_EXCLUDED(mutex_);
  void EndAll(bool passed, const std::string& reason) ABSL_LOCKS_EXCLUDED(mutex_);
  void Tell(const ProbeProgress& progress);

  ProbeProgress Progress() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::string Reason() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const ProbeRequest request_;
  const Parts parts_;
  const std::string host_;
  const Listener listener_;
  std::atomic<bool> cancelled_{false};

  absl::Mutex mutex_;
  ProbeStep step_ ABSL_GUARDED_BY(mutex_) = ProbeStep::kOwnershipInvalid;
  int answered_ ABSL_GUARDED_BY(mutex_) = 0;  // of this step, rightly
  int ended_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::string, int> faults_ ABSL_GUARDED_BY(mutex_);  // of this step, how often
  std::vector<absl::Duration> took_ ABSL_GUARDED_BY(mutex_);   // of this step
  std::vector<absl::Duration> all_loads_took_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace livecounter::verifier

#endif  // LIVECOUNTER_VERIFIER_ENDPOINT_PROBE_H_
