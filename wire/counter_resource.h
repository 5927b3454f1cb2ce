// CounterService's resource, from core. Pure; any thread.

#ifndef LIVECOUNTER_WIRE_COUNTER_RESOURCE_H_
#define LIVECOUNTER_WIRE_COUNTER_RESOURCE_H_

#include "core/change.h"
#include "core/history.h"
#include "livecounter/v1/counter_service.pb.h"

namespace livecounter::wire {

// Fills `resource`, which is empty.
void EncodeCounterResource(const Change& change, v1::Counter* resource);

// Likewise.
void EncodeHistoryPoint(const HistoryValue& from, v1::HistoryPoint* to);

}  // namespace livecounter::wire

#endif  // LIVECOUNTER_WIRE_COUNTER_RESOURCE_H_
