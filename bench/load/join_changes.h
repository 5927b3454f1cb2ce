// Changes by presence: each is one visitor more who is present, told to the counter service as a gateway of
// its own would. So no viewer's gateway has the work of those who join, and every change is one.

#ifndef LIVECOUNTER_BENCH_LOAD_JOIN_CHANGES_H_
#define LIVECOUNTER_BENCH_LOAD_JOIN_CHANGES_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "bench/load/change_maker.h"
#include "gateway/upstream/edge_counter_client.h"
#include "observability/logging.h"
#include "services/runtime/clock.h"
#include "services/runtime/random.h"

namespace livecounter::bench {

class JoinChanges final : public ChangeMaker {
 public:
  struct Options {
    std::string edge;     // --edge_listen of livecounter-counterd
    std::string token;    // what its --edge_token_file holds
    std::string product;  // resource name
    std::string name;     // of the counter; {counter} is replaced
    // For how long joins are gathered; what a gateway does bounds how often it alone can change a counter.
    absl::Duration batch = gateway::EdgeCounterClient::Options().batch;
  };

  // Connects, and waits for that at most 5 s.
  explicit JoinChanges(Options options);

  // Lets `base` visitors join each counter.
  absl::Status Begin(int counters, int64_t base) override;
  bool Ready(int /*counter*/) override { return true; }
  void Make(int counter, int64_t number) override;
  // Waits all of `milliseconds`: nothing comes back.
  absl::Status Poll(int milliseconds) override;

 private:
  CounterId Name(int counter) const;
  PresenceHash NextVisitor();

  const Options options_;
  runtime::RealClock clock_;
  runtime::SecureRandom random_;
  observability::Logger logger_{{.minimum = observability::LogLevel::kError}};
  std::unique_ptr<gateway::EdgeCounterClient> client_;
  gateway::CounterClient::LoopId loop_;
  uint64_t visitors_ = 0;
};

}  // namespace livecounter::bench

#endif  // LIVECOUNTER_BENCH_LOAD_JOIN_CHANGES_H_
