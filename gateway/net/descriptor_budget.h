// How many file descriptors connections may have: the rest of what the process may open is for whoever
// else lives in it, such as the store with its files.

#ifndef LIVECOUNTER_GATEWAY_NET_DESCRIPTOR_BUDGET_H_
#define LIVECOUNTER_GATEWAY_NET_DESCRIPTOR_BUDGET_H_

namespace livecounter::gateway::net {

// Descriptors of connections are lower than this. The kernel gives the lowest that is free, so the number of
// a new one tells how many are in use. `spare` are left to others, or a quarter of all, where that is fewer.
int EndOfDescriptors(int spare);

// Of those below EndOfDescriptors(), where there are many: for what else is open in the process and for
// clients with plain requests.
inline constexpr int kDescriptorsOfOthers = 500;

// For how many streams there is room below EndOfDescriptors(spare) beside
// kDescriptorsOfOthers, or a quarter of all, where that is fewer. Each takes `each`.
int StreamsThatFit(int spare, int each);

// Lets the process open `wanted` descriptors, where its limit is lower and may be raised.
void RaiseDescriptorLimit(int wanted);

}  // namespace livecounter::gateway::net

#endif  // LIVECOUNTER_GATEWAY_NET_DESCRIPTOR_BUDGET_H_
