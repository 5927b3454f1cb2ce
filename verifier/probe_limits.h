// Which loads may run (contract §4): of a product one in 60 s, against a target host one at a time. Of one
// worker; callers choose it by product.

#ifndef LIVECOUNTER_VERIFIER_PROBE_LIMITS_H_
#define LIVECOUNTER_VERIFIER_PROBE_LIMITS_H_

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace livecounter::verifier {

// All methods may be called from any thread.
class ProbeLimits {
 public:
  // Reserves the product and the host for a probe with a load, until End(). ResourceExhausted says what is
  // in the way and when to try again.
  absl::Status Begin(const std::string& product, const std::string& host, absl::Time now);
  // Its load starts: from now on the product's 60 s count.
  void LoadStarts(const std::string& product, absl::Time now);
  void End(const std::string& product, const std::string& host);

 private:
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, absl::Time> last_load_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_set<std::string> products_ ABSL_GUARDED_BY(mutex_);  // with a probe under way
  absl::flat_hash_set<std::string> hosts_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace livecounter::verifier

#endif  // LIVECOUNTER_VERIFIER_PROBE_LIMITS_H_
