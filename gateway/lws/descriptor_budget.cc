#include "gateway/lws/descriptor_budget.h"

#include <sys/resource.h>

#include <algorithm>
#include <limits>

namespace livecounter::gateway::net {

int EndOfDescriptors(int spare) {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::numeric_limits<int>::max();
  const auto all =
      static_cast<int>(std::min<rlim_t>(limit.rlim_cur, std::numeric_limits<int>::max()));
  return all - std::min(spare, all / 4);
}

}  // namespace livecounter::gateway::net
