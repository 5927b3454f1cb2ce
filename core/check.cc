#include "core/check.h"

#include <cstdio>
#include <cstdlib>

namespace livecounter {

void CheckInvariant(bool holds, const char* rule, const char* file, int line) {
  if (holds) return;
  std::fprintf(stderr, "%s:%d: invariant broken: %s\n", file, line, rule);
  std::abort();
}

}  // namespace livecounter
