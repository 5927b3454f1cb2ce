// Between absl's times and those of messages.

#ifndef LIVECOUNTER_CLI_PROTO_TIMES_H_
#define LIVECOUNTER_CLI_PROTO_TIMES_H_

#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace livecounter::cli {

inline absl::Time FromProto(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

inline absl::Duration FromProto(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

inline void ToProto(absl::Time from, google::protobuf::Timestamp* to) {
  const int64_t seconds = absl::ToUnixSeconds(from);
  to->set_seconds(seconds);
  to->set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(from - absl::FromUnixSeconds(seconds))));
}

inline void ToProto(absl::Duration from, google::protobuf::Duration* to) {
  const int64_t seconds = absl::ToInt64Seconds(from);
  to->set_seconds(seconds);
  to->set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(from - absl::Seconds(seconds))));
}

}  // namespace livecounter::cli

#endif  // LIVECOUNTER_CLI_PROTO_TIMES_H_
