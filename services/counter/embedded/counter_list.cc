#include "services/counter/embedded/counter_list.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "services/counter/embedded/encoding.h"
#include "services/counter/embedded/history_store.h"
#include "wire/page_token.h"

namespace livecounter::counter::embedded {
namespace {

constexpr int kMaxPageSize = 1000;
// A page ends with the counter that brings it over this, as a message: names are percent-encoded, and one
// message of gRPC takes 4 MiB.
constexpr size_t kMaxPageBytes = size_t{1} << 20;

// Up to `limit` ids that exist in the store after `after`, in order.
absl::StatusOr<std::vector<std::string>> StoredAfter(const Store& store, const std::string& product,
                                                     const std::string& after, size_t limit) {
  const std::string prefix = ProductPrefix(product);
  // The next key there could be after that of `after`. No id is empty.
  const std::string from = absl::StrCat(prefix, after, absl::string_view("\0", 1));
  const auto records = store.Scan(Family::kCounters, prefix, from, limit);
  if (!records.ok()) return records.status();
  std::vector<std::string> ids;
  for (const StoreEntry& record : *records) ids.push_back(record.key.substr(prefix.size()));
  return ids;
}

std::vector<std::string> Union(const std::vector<std::string>& a,
                               const std::vector<std::string>& b) {
  std::vector<std::string> both;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return both;
}

struct Ids {
  std::vector<std::string> all;  // that exist, have somebody present or have history
  std::vector<std::string> with_history;
};

// Up to `limit` of each, in order.
absl::StatusOr<Ids> IdsAfter(const Store& store, const Counters& counters,
                             const std::string& product, const std::string& after, size_t limit,
                             absl::Time now) {
  // Memory first: what leaves it meanwhile is in the store.
  const std::vector<std::string> recorded = counters.HistoriesAfter(product, after, limit);
  const std::vector<std::string> present = counters.PresentAfter(product, after, limit);
  const auto stored = StoredAfter(store, product, after, limit);
  if (!stored.ok()) return stored.status();
  const auto histories = StoredHistoriesAfter(store, product, after, limit, now);
  if (!histories.ok()) return histories.status();
  Ids ids;
  ids.with_history = Union(*histories, recorded);
  ids.all = Union(Union(*stored, present), ids.with_history);
  if (ids.all.size() > limit) ids.all.resize(limit);
  return ids;
}

// How many of the counters a page takes, the first in any case.
size_t HowManyFit(const std::string& product, const std::vector<std::string>& ids, int page_size) {
  constexpr size_t kPercentEncoded = 3;
  constexpr size_t kRest = 64;  // of one counter: its numbers
  size_t bytes = 0;
  for (size_t i = 0; i < ids.size(); ++i) {
    if (i == static_cast<size_t>(page_size) || bytes > kMaxPageBytes) return i;
    bytes += product.size() + kPercentEncoded * ids[i].size() + kRest;
  }
  return ids.size();
}

}  // namespace

absl::StatusOr<CounterPage> ListCounters(const Store& store, Counters& counters,
                                         const std::string& product, int page_size,
                                         absl::string_view page_token, absl::Time now) {
  if (page_size < 1 || page_size > kMaxPageSize) {
    return absl::InvalidArgumentError(
        absl::StrCat("page size ", page_size, " is not 1 to ", kMaxPageSize));
  }
  absl::optional<std::string> after = "";
  if (!page_token.empty()) after = wire::ReadPageToken(product, page_token);
  if (!after) {
    return absl::InvalidArgumentError(
        "the page token is not one that listing this product's counters gave; start without one");
  }
  auto ids = IdsAfter(store, counters, product, *after, static_cast<size_t>(page_size) + 1, now);
  if (!ids.ok()) return ids.status();

  CounterPage page;
  if (const size_t fit = HowManyFit(product, ids->all, page_size); fit < ids->all.size()) {
    ids->all.resize(fit);
    page.next_page_token = wire::MakePageToken(product, ids->all.back());
  }
  const std::vector<std::string>& histories = ids->with_history;
  for (const std::string& id : ids->all) {
    absl::StatusOr<Change> counter = counters.Read(CounterId{product, id});
    if (!counter.ok()) return counter.status();
    const bool listed = counter->hits || counter->present > 0 ||
                        std::binary_search(histories.begin(), histories.end(), id);
    if (listed) page.counters.push_back(*std::move(counter));
  }
  return page;
}

}  // namespace livecounter::counter::embedded
