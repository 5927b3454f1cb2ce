// Asks another resolver once for a host that many want, and remembers its answer for a while.

#ifndef LIVECOUNTER_VERIFIER_CACHING_RESOLVER_H_
#define LIVECOUNTER_VERIFIER_CACHING_RESOLVER_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/runtime/clock.h"
#include "verifier/resolver.h"

namespace livecounter::verifier {

class CachingResolver final : public Resolver {
 public:
  struct Options {
    absl::Duration found = absl::Seconds(30);  // how long addresses are remembered
    absl::Duration failed = absl::Seconds(3);  // and errors
    size_t max_hosts = 1'000;
  };

  // `clock` outlives it.
  CachingResolver(const Options& options, std::unique_ptr<Resolver> resolver, runtime::Clock& clock)
      : options_(options), clock_(clock), resolver_(std::move(resolver)) {}

  void Resolve(const std::string& host, Done done) override;

 private:
  struct Host {
    absl::StatusOr<Addresses> addresses = absl::UnknownError("being looked up");
    absl::Time until = absl::InfinitePast();
    std::vector<Done> waiting;  // for the look-up under way
  };

  void Finish(const std::string& host, const absl::StatusOr<Addresses>& addresses);
  void MakeRoom() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  runtime::Clock& clock_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Host> hosts_ ABSL_GUARDED_BY(mutex_);
  const std::unique_ptr<Resolver> resolver_;  // last: calls back until it is gone
};

}  // namespace livecounter::verifier

#endif  // LIVECOUNTER_VERIFIER_CACHING_RESOLVER_H_
