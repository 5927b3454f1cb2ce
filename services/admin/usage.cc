#include "services/admin/usage.h"

#include <algorithm>
#include <limits>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/admin/checks.h"
#include "wire/field.h"
#include "wire/names.h"
#include "wire/page_token.h"

namespace livecounter::admin {
namespace {

using counter::UsageQuery;

constexpr absl::Duration kDefaultSpan = absl::Hours(24 * 31);
constexpr absl::Duration kMaxSpan = absl::Hours(24 * 400);
constexpr int64_t kSecondsPerHour = 3'600;
// All hours of one product in kMaxSpan, and less than gRPC's 4 MiB whatever the names.
constexpr int32_t kMaxPageSize = 10'000;
constexpr absl::string_view kAllAccounts = "accounts/-";
// Of the year 9999.
constexpr int64_t kLastSecond = 253'402'300'799;

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

// The first one that a caller may see.
int64_t FirstHour(const Account* own) {
  if (own == nullptr) return std::numeric_limits<int64_t>::min();
  return HourOf(absl::FromUnixSeconds(own->data.create_time().seconds()));
}

std::string TokenAfter(absl::string_view name, absl::string_view product, int64_t hour) {
  return wire::MakePageToken(name, absl::StrCat(product, "@", hour));
}

// What the names of the products that `name` means begin with.
std::string PrefixOf(absl::string_view name) {
  if (name == kAllAccounts) return "accounts/";
  return absl::StrCat(name, "/");
}

// Whether it is a token of this list, whose place is then in `query`.
bool ReadToken(const std::string& token, UsageQuery* query) {
  const absl::optional<std::string> text = wire::ReadPageToken(query->name, token);
  if (!text) return false;
  const size_t at = std::min(text->rfind('@'), text->size());
  query->after_product = text->substr(0, at);
  const bool is_of_list = query->after_product == query->name ||
                          absl::StartsWith(query->after_product, PrefixOf(query->name));
  return is_of_list && wire::CheckProductName(query->after_product).ok() &&
         absl::SimpleAtoi(text->substr(std::min(at + 1, text->size())), &query->after_hour) &&
         query->after_hour >= 0 && query->after_hour <= kLastSecond &&
         TokenAfter(query->name, query->after_product, query->after_hour) == token;
}

absl::Status CheckPage(const v1::GetUsageRequest& request, UsageQuery* query) {
  if (request.page_size() < 0) {
    return Wrong("page_size", absl::StrCat(request.page_size()), "1 to 10,000, or 0 for that many");
  }
  const int32_t size =
      request.page_size() == 0 ? kMaxPageSize : std::min(request.page_size(), kMaxPageSize);
  query->limit = static_cast<size_t>(size) + 1;
  if (request.page_token().empty() || ReadToken(request.page_token(), query)) {
    return absl::OkStatus();
  }
  return Wrong("page_token", absl::StrCat("\"", absl::CHexEscape(request.page_token()), "\""),
               "what next_page_token of the page before said, for the same name");
}

}  // namespace

absl::StatusOr<UsageQuery> CheckUsage(const v1::GetUsageRequest& request, const Account* own,
                                      absl::Time now) {
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
  UsageQuery query = {.name = request.name(),
                      .from = HourOf(start),
                      .to = HourOf(end - absl::Nanoseconds(1)) + kSecondsPerHour};
  query.from = std::max(query.from, FirstHour(own));
  // Before the token is looked at: it must be of what the session may see.
  if (own != nullptr && query.name == kAllAccounts) query.name = own->name;
  if (absl::Status page = CheckPage(request, &query); !page.ok()) return page;
  return query;
}

UsageQuery AnyUsage(const std::string& name, const Account* own) {
  return {.name = name, .from = FirstHour(own), .to = kLastSecond, .limit = 1};
}

v1::GetUsageResponse ToMessage(const UsageQuery& query, const std::vector<UsageEntry>& usage) {
  v1::GetUsageResponse response;
  for (const UsageEntry& entry : usage) {
    if (static_cast<size_t>(response.points_size()) + 1 == query.limit) {
      const v1::UsagePoint& last = *response.points().rbegin();
      response.set_next_page_token(TokenAfter(query.name, last.product(), last.hour().seconds()));
      break;
    }
    v1::UsagePoint* point = response.add_points();
    point->set_product(entry.product);
    point->mutable_hour()->set_seconds(entry.hour);
    point->set_connections(entry.connections);
  }
  return response;
}

}  // namespace livecounter::admin
