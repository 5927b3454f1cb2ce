// How one counterd stands, for operators.

#ifndef LIVECOUNTER_SERVICES_COUNTER_REPLICA_STATUS_H_
#define LIVECOUNTER_SERVICES_COUNTER_REPLICA_STATUS_H_

#include <cstdint>
#include <vector>

#include "core/session_table.h"

namespace livecounter::counter {

struct ReplicaStatus {
  struct Session {
    SessionTable::SessionView view = {};
    int64_t connections = 0;  // that its gateway has open
  };

  bool recovering = false;
  int64_t present = 0;                 // (counter, hash) pairs of the union
  int64_t audit_mismatches = 0;        // since the start
  std::vector<Session> sessions = {};  // in order of their holders
};

}  // namespace livecounter::counter

#endif  // LIVECOUNTER_SERVICES_COUNTER_REPLICA_STATUS_H_
