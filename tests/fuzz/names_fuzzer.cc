// Names of counters and percent-encoding, as gRPC clients send them: what is accepted is written again
// as something with the same meaning.

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "wire/names.h"
#include "wire/percent.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto counter = livecounter::wire::ParseCounterName(text); counter.ok()) {
    const auto again =
        livecounter::wire::ParseCounterName(livecounter::wire::CounterName(*counter));
    if (!again.ok() || *again != *counter) __builtin_trap();
  }
  if (const auto decoded = livecounter::wire::PercentDecode(text); decoded.ok()) {
    const auto again = livecounter::wire::PercentDecode(livecounter::wire::PercentEncode(*decoded));
    if (!again.ok() || *again != *decoded) __builtin_trap();
  }
  return 0;
}
