// What gateways let in, and what follows for the bill (contract §5): no gateway is billed for more than its
// incarnations accepted; all of it, but for what those that were killed accepted in their last second.

#ifndef LIVECOUNTER_TESTS_SIMULATION_USAGE_LEDGER_H_
#define LIVECOUNTER_TESTS_SIMULATION_USAGE_LEDGER_H_

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "core/ids.h"
#include "tests/simulation/disk.h"

namespace livecounter::simulation {

class UsageLedger {
 public:
  // A new incarnation of the gateway in this place.
  void Started(int place, HolderId incarnation) {
    gateways_[place].incarnations.push_back(incarnation);
    gateways_[place].last_life.clear();
  }
  void Accepted(int place, absl::Time now) {
    ++gateways_[place].accepted;
    gateways_[place].last_life.push_back(now);
  }

  // kill -9 of an incarnation whose last second of running began then.
  void Killed(int place, absl::Time last_second) {
    Gateway& gateway = gateways_[place];
    const std::vector<absl::Time>& times = gateway.last_life;
    gateway.may_be_lost += times.end() - std::upper_bound(times.begin(), times.end(), last_second);
  }

  // An old copy takes the place of the store: what was counted since is gone, by intent.
  void Restored(const Image& store, const Image& copy) {
    for (auto& [place, gateway] : gateways_) {
      gateway.gone += std::max<int64_t>(0, Counted(store, gateway) - Counted(copy, gateway));
    }
  }

  // At any time.
  void CheckNoneTwice(const Image& store) {
    for (const auto& [place, gateway] : gateways_) {
      const int64_t counted = Counted(store, gateway);
      if (counted <= gateway.accepted) continue;
      violations_.insert(absl::StrCat("gateway ", place, " is billed for ", counted,
                                      " connections, it accepted ", gateway.accepted));
    }
  }
  // When everything has come to rest.
  void CheckNoneMissing(const Image& store) {
    for (const auto& [place, gateway] : gateways_) {
      const int64_t counted = Counted(store, gateway);
      const int64_t least = gateway.accepted - gateway.may_be_lost - gateway.gone;
      if (counted >= least) continue;
      violations_.insert(absl::StrCat("gateway ", place, " is billed for ", counted,
                                      " connections, must be ", least, " of ", gateway.accepted));
    }
  }

  const std::set<std::string>& violations() const { return violations_; }

 private:
  struct Gateway {
    std::vector<HolderId> incarnations;
    std::vector<absl::Time> last_life;  // when its newest incarnation accepted, in order
    int64_t accepted = 0;
    int64_t may_be_lost = 0;
    int64_t gone = 0;
  };

  static int64_t Counted(const Image& store, const Gateway& gateway) {
    int64_t counted = 0;
    for (HolderId incarnation : gateway.incarnations) {
      const auto found = store.usage.find(incarnation);
      if (found != store.usage.end()) counted += found->second.connections;
    }
    return counted;
  }

  std::map<int, Gateway> gateways_;
  std::set<std::string> violations_;
};

}  // namespace livecounter::simulation

#endif  // LIVECOUNTER_TESTS_SIMULATION_USAGE_LEDGER_H_
