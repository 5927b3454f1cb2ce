// How long a decision may take in a test where a call's time has run out.

#ifndef LIVECOUNTER_VERIFIER_TESTING_IN_TIME_H_
#define LIVECOUNTER_VERIFIER_TESTING_IN_TIME_H_

#include "absl/time/time.h"

#if defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define LIVECOUNTER_IS_SANITIZED 1
#endif
#endif

namespace livecounter::verifier {

// Contract §4: 3 s and a fifth. Sanitizers make everything slow.
#ifdef LIVECOUNTER_IS_SANITIZED
inline constexpr absl::Duration kInTime = absl::Seconds(8);
#else
inline constexpr absl::Duration kInTime = absl::Milliseconds(3'200);
#endif

}  // namespace livecounter::verifier

#endif  // LIVECOUNTER_VERIFIER_TESTING_IN_TIME_H_
