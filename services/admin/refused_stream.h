// A stream of answers that is refused before it begins.

#ifndef LIVECOUNTER_SERVICES_ADMIN_REFUSED_STREAM_H_
#define LIVECOUNTER_SERVICES_ADMIN_REFUSED_STREAM_H_

#include <grpcpp/support/server_callback.h>

#include "absl/status/status.h"
#include "services/runtime/grpc_status.h"

namespace livecounter::admin {

// Deletes itself.
template <typename Message>
class RefusedStream final : public grpc::ServerWriteReactor<Message> {
 public:
  explicit RefusedStream(const absl::Status& why) { this->Finish(runtime::ToGrpcStatus(why)); }
  void OnDone() override { delete this; }
};

}  // namespace livecounter::admin

#endif  // LIVECOUNTER_SERVICES_ADMIN_REFUSED_STREAM_H_
