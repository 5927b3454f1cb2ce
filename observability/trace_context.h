// Which trace of the caller's a call belongs to: the header traceparent of W3C Trace Context, level 1. We make
// no spans of our own: what came is passed on as it came, and logged.

#ifndef LIVECOUNTER_OBSERVABILITY_TRACE_CONTEXT_H_
#define LIVECOUNTER_OBSERVABILITY_TRACE_CONTEXT_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace livecounter::observability {

// The name of the header, and of the metadata of gRPC calls.
inline constexpr char kTraceparent[] = "traceparent";

// A value.
class TraceContext {
 public:
  // Nothing for what is not of the form `00-<trace>-<parent>-<flags>`, in lower-case hexadecimal digits; of a
  // later version what that form has is taken (§2.2 there).
  static absl::optional<TraceContext> Parse(absl::string_view traceparent);
  // A trace that begins with us; not sampled. `high` and `low` are not both 0, and `parent` is not 0.
  static TraceContext Begin(uint64_t high, uint64_t low, uint64_t parent);

  // To be passed on.
  const std::string& header() const { return header_; }
  // 32 digits.
  absl::string_view trace_id() const { return absl::string_view(header_).substr(3, 32); }
  // Whether the caller may have recorded the trace, and so will want to know what we did.
  bool sampled() const { return header_.back() == '1'; }

 private:
  explicit TraceContext(std::string header) : header_(std::move(header)) {}

  std::string header_;
};

}  // namespace livecounter::observability

#endif  // LIVECOUNTER_OBSERVABILITY_TRACE_CONTEXT_H_
