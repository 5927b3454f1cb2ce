#include "gateway/console/envelope.h"

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace livecounter::gateway::console {
namespace {

constexpr size_t kLengthBytes = 4;
constexpr size_t kPrefixBytes = 1 + kLengthBytes;
constexpr unsigned char kCompressed = 0x01;

size_t LengthOf(absl::string_view prefix) {
  size_t length = 0;
  for (size_t i = 1; i < kPrefixBytes; ++i) {
    length = length << 8 | static_cast<unsigned char>(prefix[i]);
  }
  return length;
}

}  // namespace

std::string EncodeEnvelope(EnvelopeKind kind, absl::string_view payload) {
  std::string envelope;
  envelope.reserve(kPrefixBytes + payload.size());
  envelope.push_back(static_cast<char>(kind));
  for (size_t i = kLengthBytes; i-- > 0;) {
    envelope.push_back(static_cast<char>(static_cast<uint32_t>(payload.size()) >> 8 * i));
  }
  absl::StrAppend(&envelope, payload);
  return envelope;
}

absl::StatusOr<absl::string_view> DecodeOnlyEnvelope(absl::string_view body) {
  if (body.size() < kPrefixBytes) {
    return absl::InvalidArgumentError(
        "the body is no envelope: one byte of flags, four of the message's length, the message");
  }
  const auto flags = static_cast<unsigned char>(body.front());
  if ((flags & kCompressed) != 0) {
    return absl::InvalidArgumentError(
        "the message is compressed, with nothing that says how; send it as it is");
  }
  if (flags != static_cast<unsigned char>(EnvelopeKind::kMessage)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the envelope has the flags ", flags, "; a message has 0"));
  }
  const size_t length = LengthOf(body);
  const absl::string_view message = body.substr(kPrefixBytes);
  if (message.size() == length) return message;
  return absl::InvalidArgumentError(absl::StrCat("the envelope tells of ", length, " bytes and ",
                                                 message.size(),
                                                 " follow; this method takes one message"));
}

}  // namespace livecounter::gateway::console
