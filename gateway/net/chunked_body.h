// A request body in chunks (RFC 9112 §7.1), put together as it arrives. Pure; one thread at a time.

#ifndef LIVECOUNTER_GATEWAY_NET_CHUNKED_BODY_H_
#define LIVECOUNTER_GATEWAY_NET_CHUNKED_BODY_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "absl/types/variant.h"
#include "gateway/net/refusal.h"

namespace livecounter::gateway::net {

class ChunkedBody {
 public:
  // `max_body`: bytes of all chunks together.
  explicit ChunkedBody(size_t max_body) : max_body_(max_body) {}

  // Takes what it understands off the front of `input` and appends what the chunks hold to `body`. True:
  // the body is whole, and `input` begins with what comes after it. False: call again with more. A Refusal
  // (400, 413) where this is no such body; then what follows is not to be read. Extensions of chunks and
  // trailers are dropped.
  absl::variant<bool, Refusal> Read(std::string& input, std::string& body);

 private:
  enum class Expects { kSize, kData, kEndOfData, kTrailer, kNothing };

  absl::optional<Refusal> TakeSize(absl::string_view line, size_t body_size);
  absl::optional<Refusal> TakeTrailer(absl::string_view line);
  absl::optional<Refusal> TakeLine(absl::string_view line, size_t body_size);
  void TakeData(absl::string_view& rest, std::string& body);

  const size_t max_body_;
  Expects expects_ = Expects::kSize;
  size_t chunk_left_ = 0;
  size_t trailer_bytes_ = 0;
};

}  // namespace livecounter::gateway::net

#endif  // LIVECOUNTER_GATEWAY_NET_CHUNKED_BODY_H_
