// What is billed: connections accepted, per product and hour (contract §5). Plain values.

#ifndef LIVECOUNTER_CORE_USAGE_H_
#define LIVECOUNTER_CORE_USAGE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "core/ids.h"

namespace livecounter {

// Connections accepted of one product in one hour.
struct UsageEntry {
  std::string product;      // accounts/{a}/products/{p}
  int64_t hour = 0;         // its begin, in seconds since 1970
  int64_t connections = 0;  // at least 1

  friend bool operator==(const UsageEntry&, const UsageEntry&) = default;
};

// Connections accepted, under one number: 1, 2, 3, … per holder. Immutable, so that a repeat counts
// nothing; at most one is unanswered (core/usage_sender.h).
struct UsageBatch {
  uint64_t number = 0;
  std::vector<UsageEntry> entries = {};
  // Whose number this is, where that is not who sends it: a holder that died before it was answered.
  absl::optional<HolderId> holder = {};

  friend bool operator==(const UsageBatch&, const UsageBatch&) = default;
};

// What a holder leaves behind: accepted, and not known to be counted.
struct UsageBacklog {
  absl::Time since;                 // when the oldest of it was heard of
  UsageBatch batch;                 // may have been counted; its holder is there
  absl::Time sent_since;            // but not before this
  std::vector<UsageEntry> waiting;  // surely not counted; by hour and product, each once

  friend bool operator==(const UsageBacklog&, const UsageBacklog&) = default;
};

// What is to become of the journal of usage (core/usage_sender.h).
struct UsageJournalStep {
  absl::optional<UsageBacklog> content;  // that it holds from now on; nothing: it is removed
};

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_USAGE_H_
