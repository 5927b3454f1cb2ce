// Numbers as they are shown where there is no browser to ask (contract §6, the en-US rule).

#ifndef LIVECOUNTER_GATEWAY_HTTP_SHORT_NUMBER_H_
#define LIVECOUNTER_GATEWAY_HTTP_SHORT_NUMBER_H_

#include <cstdint>
#include <string>

namespace livecounter::gateway {

// Below 10,000 in full, "1,234"; then with at most one decimal, "10.2k", "500k", "5.1M", "1.2B", "3T":
// the very text that web/client shows to an English reader. `value` ≥ 0. Pure; any thread.
std::string ShortNumber(int64_t value);

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_HTTP_SHORT_NUMBER_H_
