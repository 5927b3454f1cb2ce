// What gateways let in, and what follows for the bill (contract §5): no incarnation of a gateway is billed for
// more than it accepted; all of it, unless it was killed, which may cost what was accepted in its last second,
// or since counterd could not be told.

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
  void Accepted(HolderId gateway, absl::Time now) { lives_[gateway].accepted.push_back(now); }

  // kill -9. `undisturbed`: counterd could be told all the time.
  void Killed(HolderId gateway, absl::Time now, bool undisturbed, const Image& store) {
    Life& life = lives_[gateway];
    const auto last_second =
        std::upper_bound(life.accepted.begin(), life.accepted.end(), now - absl::Seconds(1));
    life.may_be_lost =
        undisturbed ? life.accepted.end() - last_second : life.size() - Counted(store, gateway);
  }

  // An old copy takes the place of the store: what was counted since is gone, by intent.
  void Restored(const Image& store, const Image& copy) {
    for (auto& [gateway, life] : lives_) {
      life.gone += std::max<int64_t>(0, Counted(store, gateway) - Counted(copy, gateway));
    }
  }

  // At any time.
  void CheckNoneTwice(const Image& store) {
    for (const auto& [gateway, life] : lives_) {
      const int64_t counted = Counted(store, gateway);
      if (counted <= life.size()) continue;
      violations_.insert(absl::StrCat("gateway ", gateway.ToHex(), " is billed for ", counted,
                                      " connections, it accepted ", life.size()));
    }
  }
  // When everything has come to rest.
  void CheckNoneMissing(const Image& store) {
    for (const auto& [gateway, life] : lives_) {
      const int64_t counted = Counted(store, gateway);
      const int64_t least = life.size() - life.may_be_lost - life.gone;
      if (counted >= least) continue;
      violations_.insert(absl::StrCat("gateway ", gateway.ToHex(), " is billed for ", counted,
                                      " connections, must be ", least, " of ", life.size()));
    }
  }

  const std::set<std::string>& violations() const { return violations_; }

 private:
  struct Life {
    int64_t size() const { return static_cast<int64_t>(accepted.size()); }
    std::vector<absl::Time> accepted;  // in order
    int64_t may_be_lost = 0;
    int64_t gone = 0;
  };

  static int64_t Counted(const Image& store, HolderId gateway) {
    const auto found = store.usage.find(gateway);
    return found == store.usage.end() ? 0 : found->second.connections;
  }

  std::map<HolderId, Life> lives_;
  std::set<std::string> violations_;
};

}  // namespace livecounter::simulation

#endif  // LIVECOUNTER_TESTS_SIMULATION_USAGE_LEDGER_H_
