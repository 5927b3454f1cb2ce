// Resource names of products and counters (contract §5), and the form that ids have. Pure; any
// thread.

#ifndef LIVECOUNTER_WIRE_NAMES_H_
#define LIVECOUNTER_WIRE_NAMES_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/ids.h"

namespace livecounter::wire {

// A counter's id in bytes, decoded: with presence only, and with hits (contract §2, §3).
inline constexpr size_t kMaxCounterIdBytes = 2048;
inline constexpr size_t kMaxHitCounterIdBytes = 64;

// Whether `id` is 1 to 64 letters, digits, `-`, `_`, `.` or `~`: what may stand for {account},
// {product} or {key_id}. INVALID_ARGUMENT says so.
absl::Status CheckResourceId(absl::string_view id);

// Whether `name` is `accounts/{account}`, `accounts/{account}/products/{product}` or
// `accounts/{account}/products/{product}/keys/{key_id}`. INVALID_ARGUMENT says so.
absl::Status CheckAccountName(absl::string_view name);
absl::Status CheckProductName(absl::string_view name);
absl::Status CheckApiKeyName(absl::string_view name);

// What the name of an account, or of anything in one, begins with: `accounts/{account}`, and likewise
// `accounts/{account}/products/{product}`. Precondition: it has its form.
absl::string_view AccountOf(absl::string_view name);
absl::string_view ProductOf(absl::string_view name);

// Whether `id` is 1 to 2,048 bytes of UTF-8. INVALID_ARGUMENT says so.
absl::Status CheckCounterId(absl::string_view id);

// Whether `id` can have hits: 1 to 64 bytes of UTF-8 without `/`. INVALID_ARGUMENT says so.
absl::Status CheckHitCounterId(absl::string_view id);

// `accounts/{account}/products/{product}/counters/{counter}`, the counter percent-encoded.
// Precondition: both parts have their form.
std::string CounterName(const CounterId& counter);

// The counter of such a name. INVALID_ARGUMENT for anything else.
absl::StatusOr<CounterId> ParseCounterName(absl::string_view name);

}  // namespace livecounter::wire

#endif  // LIVECOUNTER_WIRE_NAMES_H_
