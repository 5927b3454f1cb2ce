// One run: a deployment, its clients, a schedule of faults, and the checks. All of it follows from
// the seed; a failing one replays exactly.

#ifndef LIVECOUNTER_TESTS_SIMULATION_WORLD_H_
#define LIVECOUNTER_TESTS_SIMULATION_WORLD_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/bugs.h"
#include "tests/simulation/client.h"
#include "tests/simulation/counterd.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/gateway.h"
#include "tests/simulation/ledger.h"
#include "tests/simulation/scheduler.h"
#include "tests/simulation/usage_ledger.h"

namespace livecounter::simulation {

// What a run was like, for reports and for the check that equal seeds make equal runs.
struct Report {
  std::vector<std::string> violations;
  uint64_t trace = 0;  // fingerprint of every value shown, in order
  int64_t shown = 0;
  int64_t acknowledged = 0;
  int faults = 0;
  bool promises_no_dip = false;
};

class World {
 public:
  // `tells` prints what happens, for a replay.
  World(uint64_t seed, Bug bug, bool tells = false);
  World(const World&) = delete;

  Report Run();

 private:
  void Populate();
  void AddClients(const CounterId& counter);
  void PlanFault();
  void FaultWithinPromises();
  void FaultBeyondPromises();
  void StartCounterd();
  void KillCounterd(absl::Duration down);
  void KillGateway(Gateway* gateway);
  void RestoreOldCopy();
  void RestartLater(Gateway* gateway, absl::Duration down);
  void Heal();

  void OnShown(const Client& client, absl::optional<int64_t> before, int64_t now);
  // Users of `counter` whom nothing the design survives may take out of the count.
  int64_t SteadyUsers(const CounterId& counter) const;
  int64_t TrulyPresent(const CounterId& counter) const;
  void CheckConnections(const std::string& product);
  void CheckRest();
  void Violation(std::string what);
  void Tell(const std::string& what);

  const bool tells_;
  Scheduler scheduler_;
  Disk disk_;
  Counterd counterd_;
  Ledger ledger_;
  UsageLedger usage_;
  std::vector<CounterId> counters_;
  std::vector<std::unique_ptr<Gateway>> gateways_;
  std::vector<std::unique_ptr<Client>> clients_;
  Image old_copy_;
  bool healing_ = false;
  Report report_;
};

}  // namespace livecounter::simulation

#endif  // LIVECOUNTER_TESTS_SIMULATION_WORLD_H_
