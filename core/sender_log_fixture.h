// What the tests of SenderLog share: ids in order, and answers.

#ifndef LIVECOUNTER_CORE_SENDER_LOG_FIXTURE_H_
#define LIVECOUNTER_CORE_SENDER_LOG_FIXTURE_H_

#include <cstdint>
#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "core/hits.h"
#include "core/sender_log.h"
#include "core/test_support.h"

namespace livecounter::test {

// 1, 2, 3, …: each id once.
inline std::function<SenderId()> SenderIdsInOrder() {
  return [next = uint64_t{0}]() mutable { return SenderId{.high = 0, .low = ++next}; };
}

inline HitAnswer Answer(const HitBatch& batch, int64_t value_after) {
  HitAnswer answer;
  answer.sender = batch.sender;
  answer.counter = batch.counter;
  answer.number = batch.number;
  answer.value_after = value_after;
  answer.version = V(1, static_cast<uint64_t>(value_after));
  return answer;
}

inline HitAnswer Refusal(const HitBatch& batch, absl::Status status) {
  HitAnswer answer = Answer(batch, 0);
  answer.status = std::move(status);
  return answer;
}

}  // namespace livecounter::test

#endif  // LIVECOUNTER_CORE_SENDER_LOG_FIXTURE_H_
