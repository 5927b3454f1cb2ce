// Requests hold presence IDs, which may be customers' session cookies (design §6), API keys and credentials:
// what has served its turn is wiped before its memory is given back. Buffers that grew on the way, and what
// short strings leave behind when they move, are not reached. Any thread.

#ifndef LIVECOUNTER_GATEWAY_WIPE_H_
#define LIVECOUNTER_GATEWAY_WIPE_H_

#include <sodium.h>

#include <cstddef>
#include <string>

#include "gateway/transport.h"

namespace livecounter::gateway {

inline void Wipe(char* bytes, size_t size) { sodium_memzero(bytes, size); }

// With all that was reserved; `text` is empty then.
inline void Wipe(std::string& text) {
  text.resize(text.capacity());
  Wipe(text.data(), text.size());
  text.clear();
}

// What of `request` may be secret: values of its query and headers, and its body. They are empty then.
inline void Wipe(Request& request) {
  for (auto& [name, value] : request.query) {
    if (value.ok()) Wipe(*value);
  }
  for (auto& [name, value] : request.headers) Wipe(value);
  Wipe(request.body);
}

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_WIPE_H_
