// What is billed: connections accepted, per product and hour (contract §5). Plain values.

#ifndef LIVECOUNTER_CORE_USAGE_H_
#define LIVECOUNTER_CORE_USAGE_H_

#include <cstdint>
#include <string>
#include <vector>

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

  friend bool operator==(const UsageBatch&, const UsageBatch&) = default;
};

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_USAGE_H_
