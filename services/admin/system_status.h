// What operators are told of the counter service. Pure; any thread.

#ifndef LIVECOUNTER_SERVICES_ADMIN_SYSTEM_STATUS_H_
#define LIVECOUNTER_SERVICES_ADMIN_SYSTEM_STATUS_H_

#include "livecounter/v1/admin_service.pb.h"
#include "services/counter/replica_status.h"

namespace livecounter::admin {

// Fills in what the replica knows: all but version, start and epoch.
void FillSystemStatus(const counter::ReplicaStatus& from, v1::SystemStatus* to);

}  // namespace livecounter::admin

#endif  // LIVECOUNTER_SERVICES_ADMIN_SYSTEM_STATUS_H_
