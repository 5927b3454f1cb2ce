// CounterService's requests, checked and in core's words. Errors are INVALID_ARGUMENT and say which field
// it is, what it got and what it takes. Pure; any thread.

#ifndef LIVECOUNTER_SERVICES_COUNTER_COUNTER_REQUESTS_H_
#define LIVECOUNTER_SERVICES_COUNTER_COUNTER_REQUESTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/history.h"
#include "core/hits.h"
#include "core/ids.h"
#include "livecounter/v1/counter_service.pb.h"
#include "services/counter/engine.h"

namespace livecounter::counter {

struct ListRequest {
  std::string product;
  int page_size = 0;
  std::string page_token;
};
struct SetRequest {
  CounterId counter;
  int64_t hits = 0;
};
struct HistoryRequest {
  CounterId counter;
  HistoryResolution resolution = HistoryResolution::kMinute;
  absl::Time from = absl::InfinitePast();
  absl::Time to = absl::InfiniteFuture();
};

absl::StatusOr<CounterId> Check(const v1::GetCounterRequest& request);
absl::StatusOr<ListRequest> Check(const v1::ListCountersRequest& request);
absl::StatusOr<NewCounter> Check(const v1::CreateCounterRequest& request);
// With an empty key where the request has no id.
absl::StatusOr<KeyedHit> Check(const v1::IncrementCounterRequest& request);
absl::StatusOr<SetRequest> Check(const v1::SetCounterRequest& request);
absl::StatusOr<CounterId> Check(const v1::DeleteCounterRequest& request);
absl::StatusOr<HistoryRequest> Check(const v1::GetHistoryRequest& request);
absl::StatusOr<std::vector<CounterId>> Check(const v1::WatchCountersRequest& request);

}  // namespace livecounter::counter

#endif  // LIVECOUNTER_SERVICES_COUNTER_COUNTER_REQUESTS_H_
