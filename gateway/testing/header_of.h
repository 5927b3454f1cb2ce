// Reads a header of an answer, for tests. Pure; any thread.

#ifndef LIVECOUNTER_GATEWAY_TESTING_HEADER_OF_H_
#define LIVECOUNTER_GATEWAY_TESTING_HEADER_OF_H_

#include <string>

#include "absl/strings/string_view.h"
#include "gateway/transport.h"

namespace livecounter::gateway {

// The first header of this lower-case name; "" where there is none.
inline std::string HeaderOf(const Response& response, absl::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return "";
}

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_TESTING_HEADER_OF_H_
