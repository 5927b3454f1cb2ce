// A body in chunks as any client may send it: read whole and a byte at a time it is the same body, or the
// same refusal, and never larger than it may be.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/variant.h"
#include "gateway/net/chunked_body.h"

namespace livecounter::gateway::net {
namespace {

constexpr size_t kMaxBody = 300;

struct Outcome {
  int status = 0;  // of a refusal; 200: whole; 0: there is more to come
  std::string body;
  size_t used = 0;
};

// Gives the bytes in pieces of `piece`.
Outcome Read(absl::string_view bytes, size_t piece) {
  ChunkedBody chunks(kMaxBody);
  Outcome outcome;
  std::string input;
  size_t given = 0;
  while (given < bytes.size() && outcome.status == 0) {
    const absl::string_view next = bytes.substr(given, piece);
    input.append(next.data(), next.size());
    given += next.size();
    const absl::variant<bool, Refusal> result = chunks.Read(input, outcome.body);
    if (const auto* refusal = absl::get_if<Refusal>(&result)) {
      outcome.status = refusal->status;
    } else if (absl::get<bool>(result)) {
      outcome.status = 200;
      outcome.used = given - input.size();
    }
  }
  return outcome;
}

void Require(bool holds) {
  if (!holds) __builtin_trap();
}

}  // namespace
}  // namespace livecounter::gateway::net

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace net = livecounter::gateway::net;
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const net::Outcome whole = net::Read(bytes, std::max<size_t>(size, 1));
  const net::Outcome pieces = net::Read(bytes, 1);
  net::Require(whole.status == pieces.status);
  net::Require(whole.body.size() <= net::kMaxBody);
  net::Require(whole.body == pieces.body && whole.used == pieces.used);
  return 0;
}
