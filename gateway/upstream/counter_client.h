// SEAM: the gateway's way to the counter service, one per process, shared by all event loops. Runs the
// gateway's session (core/holder_session.h) over EdgeService. The real one is `EdgeCounterClient`;
// tests of the hub have a fake.
//
// Loops talk in batches, one per turn of the loop at most, so that a wake-up serves many.

#ifndef LIVECOUNTER_GATEWAY_UPSTREAM_COUNTER_CLIENT_H_
#define LIVECOUNTER_GATEWAY_UPSTREAM_COUNTER_CLIENT_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "core/change.h"
#include "core/ids.h"
#include "core/sender_log.h"
#include "core/session.h"
#include "core/share.h"
#include "core/usage.h"

namespace livecounter::gateway {

// What a loop asks for since its last batch. Applied in the order of the members.
struct LoopCommands {
  struct Hit {
    CounterId counter;
    uint64_t ticket;              // the loop's own, unique among its open ones
    bool create;                  // the product has auto_create_counters
    std::string idempotency_key;  // empty: none
    uint64_t product_life = 0;    // as in core/hits.h
  };
  struct Abandon {
    CounterId counter;
    uint64_t ticket;
  };
  std::vector<CounterId> watch = {};  // answered with the newest change as soon as one is known
  std::vector<CounterId> unwatch = {};
  std::vector<PresenceDelta> presence = {};  // edges of this loop (core/local_presence.h)
  std::vector<Hit> hits = {};
  std::vector<Abandon> abandoned = {};               // nobody waits for these tickets any more
  std::vector<ProductConnections> connections = {};  // by how many there are more, or fewer
  std::vector<UsageEntry> accepted = {};             // connections

  bool empty() const {
    return watch.empty() && unwatch.empty() && presence.empty() && hits.empty() &&
           abandoned.empty() && connections.empty() && accepted.empty();
  }
};

// What a loop is told: changes of what it watches, outcomes of its hits, and all loops alike what other
// gateways have.
struct LoopNews {
  std::vector<Change> changes = {};
  std::vector<HitOutcome> outcomes = {};
  // Of products that have connections here: how many the other gateways have.
  std::vector<ProductConnections> connections_elsewhere = {};

  bool empty() const {
    return changes.empty() && outcomes.empty() && connections_elsewhere.empty();
  }
};

class CounterClient {
 public:
  // Where one loop gets its news; called on any thread, must only enqueue and wake.
  using Inbox = std::function<void(LoopNews)>;
  using LoopId = int;

  virtual ~CounterClient() = default;

  // Registers a loop; before its first Send().
  virtual LoopId AddLoop(Inbox inbox) = 0;
  // From any thread.
  virtual void Send(LoopId loop, LoopCommands commands) = 0;

  // For readiness (contract §7): whether the counter service has been reached once, and since when it
  // has not been (InfiniteFuture while it is).
  virtual bool EverConnected() const = 0;
  virtual absl::Time LostSince() const = 0;

  // Drain: sends what is unanswered, detaches with `linger`, at latest until `deadline`. Blocks.
  virtual void Detach(absl::Duration linger, absl::Time deadline) = 0;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_UPSTREAM_COUNTER_CLIENT_H_
