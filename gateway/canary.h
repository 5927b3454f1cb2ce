// How old the numbers are that this gateway gives to clients: it watches the canary (core/canary.h) as its
// loops watch customers' counters, and looks when that last moved.

#ifndef LIVECOUNTER_GATEWAY_CANARY_H_
#define LIVECOUNTER_GATEWAY_CANARY_H_

#include <memory>

#include "absl/time/time.h"
#include "gateway/upstream/counter_client.h"
#include "services/runtime/clock.h"

namespace livecounter::gateway {

// Any thread.
class Canary {
 public:
  // Watches from now on, for the life of the client. Both outlive it.
  Canary(CounterClient& client, runtime::Clock& clock);

  // From when counterd gave the newest value that has come until now; from the construction while none has.
  // Two clocks are compared: one that is ahead of the other shows as much, but nothing below zero.
  absl::Duration Age() const;

 private:
  class Inbox;

  runtime::Clock& clock_;
  const std::shared_ptr<Inbox> inbox_;  // shared with the client
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_CANARY_H_
