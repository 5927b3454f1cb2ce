#include "wire/counter_resource.h"

#include "wire/names.h"

namespace livecounter::wire {

void EncodeCounterResource(const Change& change, v1::Counter* resource) {
  resource->set_name(CounterName(change.counter));
  if (change.hits) resource->set_hits(*change.hits);
  resource->set_present(change.present);
  resource->set_revision(change.version.revision);
  resource->set_epoch(change.version.epoch);
}

}  // namespace livecounter::wire
