#include "services/counter/counter_requests.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "wire/names.h"

namespace livecounter::counter {
namespace {

constexpr int kDefaultPageSize = 100;
constexpr int kMaxPageSize = 1'000;
constexpr size_t kMaxRequestIdBytes = 255;
constexpr int kMaxWatchedNames = 1'000;
constexpr int64_t kMinSeconds = -62'135'596'800;
constexpr int64_t kMaxSeconds = 253'402'300'799;
constexpr int32_t kNanosPerSecond = 1'000'000'000;
// The first answer to a watch holds the same names, and must fit gRPC's limit on messages too, 4 MiB.
constexpr size_t kMaxWatchBytes = size_t{3} << 20;

absl::Status Wrong(absl::string_view field, absl::string_view got, absl::string_view takes) {
  return absl::InvalidArgumentError(absl::StrCat(field, ": got ", got, "; it takes ", takes));
}

// The name of a counter that has hits.
absl::StatusOr<CounterId> ParseHitCounter(absl::string_view name) {
  absl::StatusOr<CounterId> counter = wire::ParseCounterName(name);
  if (!counter.ok()) return counter;
  if (absl::Status form = wire::CheckHitCounterId(counter->id); !form.ok()) return form;
  return counter;
}

absl::Status CheckRequestId(absl::string_view id) {
  if (id.size() <= kMaxRequestIdBytes) return absl::OkStatus();
  return Wrong("request_id", absl::StrCat(id.size(), " bytes"),
               "1 to 255 bytes, or nothing where every call counts");
}

// As google/protobuf/timestamp.proto allows.
absl::Status ReadTime(absl::string_view field, const google::protobuf::Timestamp& from,
                      absl::Time* to) {
  if (from.seconds() < kMinSeconds || from.seconds() > kMaxSeconds || from.nanos() < 0 ||
      from.nanos() >= kNanosPerSecond) {
    return Wrong(field, absl::StrCat(from.seconds(), " s and ", from.nanos(), " ns"),
                 "a time of the years 1 to 9999, with 0 to 999999999 ns");
  }
  *to = absl::FromUnixSeconds(from.seconds()) + absl::Nanoseconds(from.nanos());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CounterId> Check(const v1::GetCounterRequest& request) {
  return wire::ParseCounterName(request.name());
}

absl::StatusOr<ListRequest> Check(const v1::ListCountersRequest& request) {
  if (absl::Status form = wire::CheckProductName(request.parent()); !form.ok()) return form;
  if (request.page_size() < 0) {
    return Wrong("page_size", absl::StrCat(request.page_size()),
                 "1 to 1,000, or 0 for the default of 100");
  }
  const int wanted = request.page_size() == 0 ? kDefaultPageSize : request.page_size();
  return ListRequest{request.parent(), std::min(wanted, kMaxPageSize), request.page_token()};
}

absl::StatusOr<NewCounter> Check(const v1::CreateCounterRequest& request) {
  if (absl::Status form = wire::CheckProductName(request.parent()); !form.ok()) return form;
  if (absl::Status form = wire::CheckHitCounterId(request.counter_id()); !form.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("counter_id: ", form.message()));
  }
  const int64_t hits = request.counter().hits();
  if (hits < 0) return Wrong("counter.hits", absl::StrCat(hits), "0 or more");
  if (absl::Status form = CheckRequestId(request.request_id()); !form.ok()) return form;
  return NewCounter{.counter = {request.parent(), request.counter_id()},
                    .hits = hits,
                    .request_id = request.request_id(),
                    .validate_only = request.validate_only()};
}

absl::StatusOr<KeyedHit> Check(const v1::IncrementCounterRequest& request) {
  absl::StatusOr<CounterId> counter = ParseHitCounter(request.name());
  if (!counter.ok()) return counter.status();
  const int64_t by = request.has_by() ? request.by() : 1;
  if (by < 1) return Wrong("by", absl::StrCat(by), "1 or more, or nothing for 1");
  if (absl::Status form = CheckRequestId(request.request_id()); !form.ok()) return form;
  return KeyedHit{*std::move(counter), request.request_id(), by, /*create=*/false};
}

absl::StatusOr<SetRequest> Check(const v1::SetCounterRequest& request) {
  absl::StatusOr<CounterId> counter = ParseHitCounter(request.name());
  if (!counter.ok()) return counter.status();
  if (request.hits() < 0) return Wrong("hits", absl::StrCat(request.hits()), "0 or more");
  return SetRequest{*std::move(counter), request.hits()};
}

absl::StatusOr<CounterId> Check(const v1::DeleteCounterRequest& request) {
  return ParseHitCounter(request.name());
}

absl::StatusOr<HistoryRequest> Check(const v1::GetHistoryRequest& request) {
  absl::StatusOr<CounterId> counter = wire::ParseCounterName(request.name());
  if (!counter.ok()) return counter.status();
  HistoryRequest checked{.counter = *std::move(counter)};
  switch (request.resolution()) {
    case v1::GetHistoryRequest::RESOLUTION_UNSPECIFIED:
    case v1::GetHistoryRequest::MINUTE:
      break;
    case v1::GetHistoryRequest::HOUR:
      checked.resolution = HistoryResolution::kHour;
      break;
    default:
      return Wrong("resolution", absl::StrCat(request.resolution()), "MINUTE or HOUR");
  }
  if (request.has_start_time()) {
    absl::Status form = ReadTime("start_time", request.start_time(), &checked.from);
    if (!form.ok()) return form;
  }
  if (request.has_end_time()) {
    absl::Status form = ReadTime("end_time", request.end_time(), &checked.to);
    if (!form.ok()) return form;
  }
  if (checked.to < checked.from) {
    return Wrong("end_time", absl::FormatTime(checked.to, absl::UTCTimeZone()),
                 "start_time or later");
  }
  return checked;
}

absl::StatusOr<std::vector<CounterId>> Check(const v1::WatchCountersRequest& request) {
  if (request.names_size() < 1 || request.names_size() > kMaxWatchedNames) {
    return Wrong("names", absl::StrCat(request.names_size(), " names"), "1 to 1,000");
  }
  if (request.ByteSizeLong() > kMaxWatchBytes) {
    return Wrong("names", absl::StrCat(request.ByteSizeLong(), " bytes"),
                 "3 MiB in all; watch some of them by another call");
  }
  std::vector<CounterId> counters;
  for (const std::string& name : request.names()) {
    absl::StatusOr<CounterId> counter = wire::ParseCounterName(name);
    if (!counter.ok()) return counter.status();
    counters.push_back(*std::move(counter));
  }
  return counters;
}

}  // namespace livecounter::counter
