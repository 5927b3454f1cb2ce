// What the requests and streams of one event loop share.

#ifndef LIVECOUNTER_GATEWAY_LOOP_PARTS_H_
#define LIVECOUNTER_GATEWAY_LOOP_PARTS_H_

#include "gateway/admission.h"
#include "gateway/catalog.h"
#include "gateway/contributions.h"
#include "gateway/flush_queue.h"
#include "gateway/hub.h"
#include "gateway/loop_link.h"
#include "gateway/loop_presence.h"
#include "gateway/loop_products.h"
#include "gateway/loop_timers.h"
#include "gateway/open_streams.h"
#include "gateway/pending_hits.h"
#include "gateway/task_scope.h"
#include "gateway/transport.h"
#include "gateway/upstream/counter_client.h"
#include "gateway/verification/user_gate.h"
#include "observability/metrics.h"
#include "services/runtime/random.h"

namespace livecounter::gateway {

// Belongs to its loop's thread; made before the loop runs or on it. Outlives the loop's connections.
struct LoopParts {
  // All outlive the parts.
  LoopParts(EventLoop& loop, CounterClient& client, Catalog& catalog, UserGate& users,
            observability::GatewayMetrics& metrics, Admission& admission, runtime::Random& random)
      : loop(loop),
        metrics(metrics),
        admission(admission),
        random(random),
        timers(loop),
        link(loop, client, [this](const LoopNews& news) { OnNews(news); }),
        hub(loop, link, timers, metrics),
        products(loop, catalog, link, admission.places(), [this] { OnProducts(); }),
        presence(loop, link, timers),
        contributions(loop, presence, users),
        hits(link, timers),
        flushes(loop),
        streams(metrics, admission),
        tasks_(loop) {}

  // Nobody waits for an answer, and no stream is open.
  bool idle() const { return streams.size() == 0 && hub.waiting_reads() == 0 && hits.size() == 0; }

  EventLoop& loop;
  observability::GatewayMetrics& metrics;
  Admission& admission;
  runtime::Random& random;
  LoopTimers timers;
  LoopLink link;
  Hub hub;
  LoopProducts products;
  LoopPresence presence;
  Contributions contributions;
  PendingHits hits;
  FlushQueue flushes;
  OpenStreams streams;

 private:
  // Answers before the fan-out, and what they were based on before both.
  void OnNews(const LoopNews& news) {
    for (const Change& change : news.changes) hub.OnChange(change);
    for (const HitOutcome& outcome : news.outcomes) hits.OnOutcome(outcome);
    hub.Publish();
    for (const auto& [product, connections] : news.connections_elsewhere) {
      admission.places().SetElsewhere(product, connections);
    }
  }

  // Numbers first: a stream that is closed shows the last one.
  void OnProducts() {
    hub.BringUpProducts([this](absl::string_view name) { return products.FindByName(name); });
    streams.StartTelling();
    TellStreams();
  }

  // In slices, for there may be very many.
  void TellStreams() {
    constexpr size_t kSlice = 256;
    if (streams.TellSome(kSlice)) tasks_.Post([this] { TellStreams(); });
  }

  TaskScope tasks_;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_LOOP_PARTS_H_
