#include "gateway/origins.h"

#include <algorithm>

#include "absl/strings/strip.h"
#include "absl/types/optional.h"
#include "wire/origin.h"

namespace livecounter::gateway {
namespace {

bool HostMatches(absl::string_view entry, absl::string_view host) {
  if (!absl::ConsumePrefix(&entry, wire::kAnyLabel)) return entry == host;
  const size_t end_of_label = host.find('.');
  return end_of_label != absl::string_view::npos && end_of_label > 0 &&
         host.substr(end_of_label + 1) == entry;
}

bool EntryMatches(absl::string_view entry, const absl::optional<wire::Origin>& origin) {
  if (entry == wire::kAnyOrigin) return true;
  if (!origin) return false;
  const absl::optional<wire::Origin> parsed = wire::ParseOriginEntry(entry);
  return parsed && parsed->scheme == origin->scheme && parsed->port == origin->port &&
         HostMatches(parsed->host, origin->host);
}

}  // namespace

bool AnyOriginIsAllowed(const std::vector<std::string>& allowed) {
  return std::find(allowed.begin(), allowed.end(), wire::kAnyOrigin) != allowed.end();
}

bool OriginIsAllowed(const std::vector<std::string>& allowed, absl::string_view origin) {
  const absl::optional<wire::Origin> parsed = wire::ParseOrigin(origin);
  return std::any_of(allowed.begin(), allowed.end(),
                     [&](const std::string& entry) { return EntryMatches(entry, parsed); });
}

}  // namespace livecounter::gateway
