// Faults planted in the glue of the simulation to show that its checks find what they are for.

#ifndef LIVECOUNTER_TESTS_SIMULATION_BUGS_H_
#define LIVECOUNTER_TESTS_SIMULATION_BUGS_H_

namespace livecounter::simulation {

enum class Bug {
  kNone,
  kForgetsSenders,        // the store does not keep sender records: a repeated batch counts again
  kAnswersBeforeDurable,  // hits are acknowledged when decided, not when written
  kIgnoresFloors,         // recovering publishes what little is known
  kDropsShareWithStream,  // a broken stream takes its share with it, as ++/-- gauges do
  kLosesLeaves,           // edges 1→0 do not reach the union: ghosts
  kKeepsEpoch,            // the store opens with the epoch it had
  kNeverExpires,          // leases run for ever: a killed gateway's share stays
  kForgetsUsageNumbers,   // a repeated batch of usage is billed again
  kBillsLater,            // usage is answered when it came, and written some time after that
  kInheritsAsItsOwn,      // a gateway sends what a dead one left behind as a batch of its own
  kForgetsJournal,        // what a dead gateway left behind is not looked for
  kOvertakesChanges,  // a gateway tells each connection in its own time: an older value may come last
  kKeepsConnections,  // the connections of a gateway whose session has ended stay in the totals
};

}  // namespace livecounter::simulation

#endif  // LIVECOUNTER_TESTS_SIMULATION_BUGS_H_
