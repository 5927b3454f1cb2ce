// A raw presence ID (design §6): perhaps a customer's session cookie. Kept as long as the connection that sent
// it, since a customer may want to be asked about it at any time (contract §4); wiped after that, never
// logged, and told to the verifier only.

#ifndef LIVECOUNTER_GATEWAY_PRESENCE_ID_H_
#define LIVECOUNTER_GATEWAY_PRESENCE_ID_H_

#include <cstdint>
#include <memory>

#include "absl/strings/string_view.h"

namespace livecounter::gateway {

// A value of the size of a pointer. Every copy wipes its own bytes when it goes.
class PresenceId {
 public:
  // Of nobody: a connection that does not contribute.
  PresenceId() = default;
  // 1 to 256 bytes (contract §3).
  explicit PresenceId(absl::string_view bytes);
  PresenceId(const PresenceId& other);
  PresenceId(PresenceId&& other) noexcept = default;
  PresenceId& operator=(PresenceId other) noexcept;
  ~PresenceId();

  explicit operator bool() const { return bytes_ != nullptr; }
  absl::string_view bytes() const;

 private:
  // The length in two bytes, then the bytes.
  std::unique_ptr<char[]> bytes_;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_PRESENCE_ID_H_
