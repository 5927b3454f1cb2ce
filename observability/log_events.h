// Every event that the programs log: docs/logs.md is made from this, and tools/check-log-events holds the code to it.

#ifndef LIVECOUNTER_OBSERVABILITY_LOG_EVENTS_H_
#define LIVECOUNTER_OBSERVABILITY_LOG_EVENTS_H_

#include "absl/types/span.h"

namespace livecounter::observability {

struct LogEvent {
  const char* name;
  const char* level;   // "info", or several, as "info, debug"
  const char* from;    // which part of the system says it
  const char* fields;  // beside time, level and event; "" for none
  const char* about;   // when it is logged, and what to do where something is to be done
};

// By part, then in the order of a part's life.
absl::Span<const LogEvent> LogEvents();

}  // namespace livecounter::observability

#endif  // LIVECOUNTER_OBSERVABILITY_LOG_EVENTS_H_
