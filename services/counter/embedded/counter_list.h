// Pages of a product's counters: those that exist or have history, from the store, merged with those that
// are present or have new history, from memory, in byte order of their ids.

#ifndef LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_COUNTER_LIST_H_
#define LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_COUNTER_LIST_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/counter/embedded/counters.h"
#include "services/counter/embedded/store.h"
#include "services/counter/engine.h"

namespace livecounter::counter::embedded {

// As CounterEngine::List(). A page may be short where counters went meanwhile.
absl::StatusOr<CounterPage> ListCounters(const Store& store, Counters& counters,
                                         const std::string& product, int page_size,
                                         absl::string_view page_token, absl::Time now);

}  // namespace livecounter::counter::embedded

#endif  // LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_COUNTER_LIST_H_
