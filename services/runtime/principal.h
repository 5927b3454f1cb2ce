// Who a call speaks for, once its token was good (contract §5).

#ifndef LIVECOUNTER_SERVICES_RUNTIME_PRINCIPAL_H_
#define LIVECOUNTER_SERVICES_RUNTIME_PRINCIPAL_H_

#include <string>

#include "absl/time/time.h"

namespace livecounter::runtime {

struct Principal {
  // May do everything.
  bool is_operator = false;
  // Of a session: `accounts/{account}`, which it is limited to.
  std::string account = {};
  // Of a session: which one, and when it ends. Not the token.
  std::string session = {};
  absl::Time expire_time = absl::InfiniteFuture();
};

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_PRINCIPAL_H_
