#include "services/admin/usage.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/admin/checks.h"
#include "wire/field.h"
#include "wire/names.h"

namespace livecounter::admin {
namespace {

constexpr absl::Duration kDefaultSpan = absl::Hours(24 * 31);
constexpr absl::Duration kMaxSpan = absl::Hours(24 * 400);
constexpr int64_t kSecondsPerHour = 3'600;

absl::Status CheckName(absl::string_view name) {
  return absl::StrContains(name, "/products/") ? wire::CheckProductName(name)
                                               : wire::CheckAccountName(name);
}

// The begin of the hour that holds `time`.
int64_t HourOf(absl::Time time) {
  const int64_t seconds = absl::ToUnixSeconds(time);
  const int64_t into = seconds % kSecondsPerHour;
  return seconds - (into < 0 ? into + kSecondsPerHour : into);
}

}  // namespace

absl::StatusOr<UsageRange> CheckUsage(const v1::GetUsageRequest& request, absl::Time now) {
  absl::Status form = CheckName(request.name());
  if (!form.ok()) return form;
  const absl::Time end =
      request.has_end_time() ? wire::Field(&form, "end_time").Time(request.end_time()) : now;
  const absl::Time start = request.has_start_time()
                               ? wire::Field(&form, "start_time").Time(request.start_time())
                               : end - kDefaultSpan;
  if (!form.ok()) return form;
  if (start >= end || end - start > kMaxSpan) {
    return Wrong(
        "start_time", absl::FormatTime(start, absl::UTCTimeZone()),
        absl::StrCat("a time before end_time, ", absl::FormatTime(end, absl::UTCTimeZone()),
                     ", and at most 400 days before it"));
  }
  // Whole hours: that of `end` too, unless it begins with it.
  return UsageRange{request.name(), HourOf(start),
                    HourOf(end - absl::Nanoseconds(1)) + kSecondsPerHour};
}

v1::GetUsageResponse ToMessage(const std::vector<UsageEntry>& usage) {
  v1::GetUsageResponse response;
  for (const UsageEntry& entry : usage) {
    v1::UsagePoint* point = response.add_points();
    point->set_product(entry.product);
    point->mutable_hour()->set_seconds(entry.hour);
    point->set_connections(entry.connections);
  }
  return response;
}

}  // namespace livecounter::admin
