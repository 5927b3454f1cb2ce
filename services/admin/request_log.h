// What creates with a request id have made, for 24 hours: a repeat gets the same and makes nothing
// (AIP-155). Written in the same step as what was made.

#ifndef LIVECOUNTER_SERVICES_ADMIN_REQUEST_LOG_H_
#define LIVECOUNTER_SERVICES_ADMIN_REQUEST_LOG_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "services/admin/records.h"
#include "services/runtime/principal.h"

namespace livecounter::admin {

// One call that may be a repeat. Used by one thread.
class RepeatableCall {
 public:
  // `request_id` may be "": then nothing is looked up or written. An id is its caller's own.
  RepeatableCall(const runtime::Principal& caller, absl::string_view request_id,
                 const google::protobuf::Message& request);

  // The name of what it made before; "" where this is the first time. INVALID_ARGUMENT where the id was
  // used for another request.
  absl::StatusOr<std::string> FindMade(Records& records) const;
  // Adds the record of the call to the writes that make what it asks for.
  void AddRecord(absl::string_view made, absl::Time now,
                 std::vector<counter::RecordWrite>* writes) const;

 private:
  std::string key_;  // "" without a request id
  std::string fingerprint_;
};

}  // namespace livecounter::admin

#endif  // LIVECOUNTER_SERVICES_ADMIN_REQUEST_LOG_H_
