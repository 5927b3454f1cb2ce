// Between the event loops and the gateway's one session: which loops watch a counter, and whose hit an
// outcome is.

#ifndef LIVECOUNTER_GATEWAY_UPSTREAM_SWITCHBOARD_H_
#define LIVECOUNTER_GATEWAY_UPSTREAM_SWITCHBOARD_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/time/time.h"
#include "core/holder_session.h"
#include "gateway/upstream/counter_client.h"

namespace livecounter::gateway {

// Not thread-safe: it belongs to the thread of the session.
class Switchboard {
 public:
  using LoopId = CounterClient::LoopId;

  // `session` outlives the switchboard; nobody else watches, hits or takes news of it.
  explicit Switchboard(HolderSession& session) : session_(session) {}

  // `loop` is new.
  void AddLoop(LoopId loop, CounterClient::Inbox inbox) { loops_[loop].inbox = std::move(inbox); }

  // What the loop asks for goes to the session. A loop that watches a counter already is answered again;
  // what it does not watch it cannot unwatch.
  void Apply(LoopId loop, const LoopCommands& commands, absl::Time now);

  // What came for the loops goes to their inboxes: changes to all loops before an outcome to any, so that
  // whoever is answered through one finds what that shows through each other (read your writes).
  void Deliver();

 private:
  struct Loop {
    CounterClient::Inbox inbox;
    LoopNews news;                                    // to be delivered
    absl::flat_hash_map<uint64_t, uint64_t> tickets;  // of its open hits: its own → the session's
  };
  struct Caller {
    LoopId loop;
    uint64_t ticket;  // the loop's own
  };

  void Watch(LoopId loop, const CounterId& counter);
  void Unwatch(LoopId loop, const CounterId& counter);
  void Hit(LoopId loop, const LoopCommands::Hit& hit);
  void Abandon(LoopId loop, const LoopCommands::Abandon& abandoned);
  void Answer(HitOutcome outcome);
  void DeliverNews();

  HolderSession& session_;
  absl::flat_hash_map<LoopId, Loop> loops_;
  absl::flat_hash_map<CounterId, absl::InlinedVector<LoopId, 4>> watchers_;
  absl::flat_hash_map<uint64_t, Caller> callers_;  // by the session's ticket
  uint64_t last_ticket_ = 0;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_UPSTREAM_SWITCHBOARD_H_
