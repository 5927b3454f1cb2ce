// What a probe tells, as protobuf messages. Pure; any thread.

#ifndef LIVECOUNTER_VERIFIER_PROBE_MESSAGES_H_
#define LIVECOUNTER_VERIFIER_PROBE_MESSAGES_H_

#include "livecounter/v1/admin_service.pb.h"
#include "verifier/endpoint_probe.h"

namespace livecounter::verifier {

void EncodeProgress(const ProbeProgress& progress, v1::VerificationProgress* message);

}  // namespace livecounter::verifier

#endif  // LIVECOUNTER_VERIFIER_PROBE_MESSAGES_H_
