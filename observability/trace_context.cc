#include "observability/trace_context.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace livecounter::observability {
namespace {

constexpr size_t kHeaderBytes = 55;
constexpr size_t kTraceAt = 3;
constexpr size_t kTraceBytes = 32;
constexpr size_t kParentAt = 36;
constexpr size_t kParentBytes = 16;
constexpr size_t kFlagsAt = 53;

bool IsHex(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f');
  });
}

bool IsId(absl::string_view text) {
  return IsHex(text) && text.find_first_not_of('0') != absl::string_view::npos;
}

// Of two hexadecimal digits, whether the lowest bit is set.
bool IsOdd(absl::string_view flags) {
  return absl::string_view("13579bdf").find(flags.back()) != absl::string_view::npos;
}

std::string Header(absl::string_view trace, absl::string_view parent, bool sampled) {
  return absl::StrCat("00-", trace, "-", parent, sampled ? "-01" : "-00");
}

}  // namespace

absl::optional<TraceContext> TraceContext::Parse(absl::string_view traceparent) {
  if (traceparent.size() < kHeaderBytes) return absl::nullopt;
  const absl::string_view version = traceparent.substr(0, 2);
  const bool is_later = version != "00";
  if (!IsHex(version) || version == "ff") return absl::nullopt;
  if (traceparent.size() > kHeaderBytes && (!is_later || traceparent[kHeaderBytes] != '-')) {
    return absl::nullopt;
  }
  for (const size_t dash : {kTraceAt - 1, kParentAt - 1, kFlagsAt - 1}) {
    if (traceparent[dash] != '-') return absl::nullopt;
  }
  const absl::string_view trace = traceparent.substr(kTraceAt, kTraceBytes);
  const absl::string_view parent = traceparent.substr(kParentAt, kParentBytes);
  const absl::string_view flags = traceparent.substr(kFlagsAt, 2);
  if (!IsId(trace) || !IsId(parent) || !IsHex(flags)) return absl::nullopt;
  return TraceContext(Header(trace, parent, IsOdd(flags)));
}

TraceContext TraceContext::Begin(uint64_t high, uint64_t low, uint64_t parent) {
  const std::string trace =
      absl::StrCat(absl::Hex(high, absl::kZeroPad16), absl::Hex(low, absl::kZeroPad16));
  return TraceContext(Header(trace, absl::StrCat(absl::Hex(parent, absl::kZeroPad16)), false));
}

}  // namespace livecounter::observability
