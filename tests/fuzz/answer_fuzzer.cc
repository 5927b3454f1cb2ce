// The answer of a customer's server: only an exact one is a verdict, and what is told of another one never
// repeats it.

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "core/verdict.h"
#include "verifier/answer_fault.h"

namespace {

void Require(bool holds) {
  if (!holds) __builtin_trap();
}

}  // namespace

// The first two bytes are the status, the rest is the body.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using livecounter::Verdict;
  if (size < 2) return 0;
  const int status = data[0] << 8 | data[1];
  const std::string body(reinterpret_cast<const char*>(data) + 2, size - 2);

  const bool is_key = body == "key" || body == "key\n";
  const Verdict verdict = livecounter::VerdictOfAnswer(status, body, {"key"});
  Require((verdict == Verdict::kValid) == (is_key && status == 200));
  Require((verdict == Verdict::kInvalid) == (is_key && status == 401));

  const std::string fault = livecounter::verifier::FaultOf(
      {.result = absl::OkStatus(), .status = status, .body = body}, 200, {"key"});
  Require(fault.empty() == (verdict == Verdict::kValid));
  if (body.size() > 100) Require(!absl::StrContains(fault, body));
  return 0;
}
