// What the conformance suite needs of an engine beside CounterEngine itself: to end it, crash it, fill
// its disk and put it back to a backup. One implementation for each engine, listed in engines.cc;
// the tests know nothing else of them.

#ifndef LIVECOUNTER_TESTS_CONFORMANCE_ENGINE_HARNESS_H_
#define LIVECOUNTER_TESTS_CONFORMANCE_ENGINE_HARNESS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/hits.h"
#include "services/counter/engine.h"
#include "services/runtime/clock.h"

namespace livecounter::counter {

struct HarnessOptions {
  int64_t max_live_keys_per_product = kMaxLiveKeysPerProduct;
  // So little memory that counters go in and out all the time.
  bool little_memory = false;
};

// One engine on a store of its own, empty at first. Not thread-safe; engine() is.
class EngineHarness {
 public:
  virtual ~EngineHarness() = default;

  // The open engine; another one after Reopen(), Crash() and RestoreFrom().
  virtual CounterEngine& engine() = 0;
  // All time that the engine knows.
  runtime::FakeClock& clock() { return clock_; }

  // Ends it in order, and opens it again.
  virtual void Reopen() = 0;
  // It ends without warning, with all that is not durable, and is opened again.
  virtual void Crash() = 0;
  // The store is lost; it is opened again on a copy that Backup() wrote.
  virtual void RestoreFrom(const std::string& backup_directory) = 0;
  // Where nothing is yet.
  virtual std::string NewDirectory() = 0;

  // From now on nothing can be made durable; until there is room again.
  virtual void FillDisk() = 0;
  virtual void FreeDisk() = 0;

  // Dies when the engine's memory does not fit together.
  virtual void CheckInvariants() = 0;

 private:
  runtime::FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
};

struct EngineUnderTest {
  std::string name;
  std::function<std::unique_ptr<EngineHarness>(const HarnessOptions&)> make;
};

// Every engine there is.
std::vector<EngineUnderTest> EnginesUnderTest();

}  // namespace livecounter::counter

#endif  // LIVECOUNTER_TESTS_CONFORMANCE_ENGINE_HARNESS_H_
