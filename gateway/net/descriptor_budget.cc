#include "gateway/net/descriptor_budget.h"

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

int StreamsThatFit(int spare, int each) {
  const int end = EndOfDescriptors(spare);
  return (end - std::min(kDescriptorsOfOthers, end / 4)) / each;
}

void RaiseDescriptorLimit(int wanted) {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t raised = std::min<rlim_t>(std::max<rlim_t>(limit.rlim_cur, wanted), limit.rlim_max);
  if (raised == limit.rlim_cur) return;
  limit.rlim_cur = raised;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace livecounter::gateway::net
