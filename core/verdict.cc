#include "core/verdict.h"

#include <algorithm>

#include "absl/strings/strip.h"

namespace livecounter {
namespace {

constexpr int kOk = 200;
constexpr int kUnauthorized = 401;

}  // namespace

bool BodyIsApiKey(absl::string_view body, absl::Span<const std::string> api_keys) {
  absl::ConsumeSuffix(&body, "\n");
  if (body.empty()) return false;
  return std::find(api_keys.begin(), api_keys.end(), body) != api_keys.end();
}

Verdict VerdictOfAnswer(int status, absl::string_view body,
                        absl::Span<const std::string> api_keys) {
  if (!BodyIsApiKey(body, api_keys)) return Verdict::kIndeterminate;
  if (status == kOk) return Verdict::kValid;
  if (status == kUnauthorized) return Verdict::kInvalid;
  return Verdict::kIndeterminate;
}

}  // namespace livecounter
