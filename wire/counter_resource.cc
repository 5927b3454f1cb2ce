#include "wire/counter_resource.h"

#include "wire/field.h"
#include "wire/names.h"

namespace livecounter::wire {

void EncodeCounterResource(const Change& change, v1::Counter* resource) {
  resource->set_name(CounterName(change.counter));
  if (change.hits) resource->set_hits(*change.hits);
  resource->set_present(change.present);
  resource->set_revision(change.version.revision);
  resource->set_epoch(change.version.epoch);
}

void EncodeHistoryPoint(const HistoryValue& from, v1::HistoryPoint* to) {
  EncodeTime(from.time, to->mutable_time());
  if (from.hits) to->set_hits(*from.hits);
  to->set_present_peak(from.present_peak);
  to->set_present_mean(from.present_mean);
}

}  // namespace livecounter::wire
