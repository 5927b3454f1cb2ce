#include "gateway/presence_id.h"

#include <cstring>
#include <utility>

#include "sodium.h"

namespace livecounter::gateway {
namespace {

constexpr size_t kLengthBytes = sizeof(uint16_t);

}  // namespace

PresenceId::PresenceId(absl::string_view bytes) : bytes_(new char[kLengthBytes + bytes.size()]) {
  const auto size = static_cast<uint16_t>(bytes.size());
  std::memcpy(bytes_.get(), &size, kLengthBytes);
  std::memcpy(bytes_.get() + kLengthBytes, bytes.data(), bytes.size());
}

PresenceId::PresenceId(const PresenceId& other) {
  if (other) *this = PresenceId(other.bytes());
}

PresenceId& PresenceId::operator=(PresenceId other) noexcept {
  std::swap(bytes_, other.bytes_);
  return *this;
}

PresenceId::~PresenceId() {
  if (bytes_ != nullptr) sodium_memzero(bytes_.get(), kLengthBytes + bytes().size());
}

absl::string_view PresenceId::bytes() const {
  if (bytes_ == nullptr) return {};
  uint16_t size = 0;
  std::memcpy(&size, bytes_.get(), kLengthBytes);
  return {bytes_.get() + kLengthBytes, size};
}

}  // namespace livecounter::gateway
