// What is known of a user that a customer was asked about, and what an answer of the customer's endpoint
// means (contract §4). Plain values, without threads, errors or I/O.

#ifndef LIVECOUNTER_CORE_VERDICT_H_
#define LIVECOUNTER_CORE_VERDICT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace livecounter {

enum class Verdict {
  kValid,          // counts
  kInvalid,        // watches, never counts
  kIndeterminate,  // no usable answer: watches, does not count yet, asked again
};

// A verdict, and after how long it is worth asking again.
struct KnownVerdict {
  Verdict verdict = Verdict::kIndeterminate;
  absl::Duration ask_again_after = absl::ZeroDuration();
  // Of an indeterminate one: the user was valid until now. Who counts goes on to, and leaves only on invalid
  // (contract §4), at whatever gateway they are next.
  bool was_valid = false;

  friend bool operator==(const KnownVerdict&, const KnownVerdict&) = default;
};

// Whether `body` is exactly one of the product's active API keys, with one line feed after it or none.
bool BodyIsApiKey(absl::string_view body, absl::Span<const std::string> api_keys);

// Of a complete answer: 200 with an API key is valid, 401 with one invalid, all else indeterminate.
Verdict VerdictOfAnswer(int status, absl::string_view body, absl::Span<const std::string> api_keys);

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_VERDICT_H_
