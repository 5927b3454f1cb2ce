// The Origin header is the attacker's: nothing but the origins that an entry names may match it.

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "gateway/origins.h"

namespace {

void Require(bool holds) {
  if (!holds) __builtin_trap();
}

bool IsOneLabel(absl::string_view label) {
  return !label.empty() && !absl::StrContains(label, '.');
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using livecounter::gateway::OriginIsAllowed;
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);

  const std::string lower = absl::AsciiStrToLower(bytes);
  absl::string_view rest = lower;
  const bool named = absl::ConsumePrefix(&rest, "https://") &&
                     (absl::ConsumeSuffix(&rest, ":443"), rest == "example.com");
  Require(OriginIsAllowed({"https://example.com"}, bytes) == named);

  rest = lower;
  if (OriginIsAllowed({"https://*.example.com"}, bytes)) {
    Require(absl::ConsumePrefix(&rest, "https://"));
    absl::ConsumeSuffix(&rest, ":443");
    Require(absl::ConsumeSuffix(&rest, ".example.com") && IsOneLabel(rest));
  }

  // As an entry it may be anything too.
  const size_t split = bytes.find('\n');
  if (split != absl::string_view::npos) {
    OriginIsAllowed({std::string(bytes.substr(0, split))}, bytes.substr(split + 1));
  }
  return 0;
}
