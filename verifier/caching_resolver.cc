#include "verifier/caching_resolver.h"

#include <utility>

#include "absl/types/optional.h"

namespace livecounter::verifier {

void CachingResolver::Resolve(const std::string& host, Done done) {
  absl::optional<absl::StatusOr<Addresses>> known;
  {
    absl::MutexLock lock(&mutex_);
    MakeRoom();
    Host& wanted = hosts_[host];
    if (clock_.Now() < wanted.until) {
      known = wanted.addresses;
    } else {
      wanted.waiting.push_back(done);
      if (wanted.waiting.size() > 1) return;
    }
  }
  if (known) return done(*known);
  resolver_->Resolve(
      host, [this, host](const absl::StatusOr<Addresses>& addresses) { Finish(host, addresses); });
}

void CachingResolver::Finish(const std::string& host, const absl::StatusOr<Addresses>& addresses) {
  std::vector<Done> waiting;
  {
    absl::MutexLock lock(&mutex_);
    Host& found = hosts_[host];
    found.addresses = addresses;
    found.until = clock_.Now() + (addresses.ok() ? options_.found : options_.failed);
    waiting = std::exchange(found.waiting, {});
  }
  for (const Done& done : waiting) done(addresses);
}

void CachingResolver::MakeRoom() {
  if (hosts_.size() < options_.max_hosts) return;
  absl::erase_if(hosts_, [](const auto& entry) { return entry.second.waiting.empty(); });
}

}  // namespace livecounter::verifier
