// What CheckInvariants() is written with.

#ifndef LIVECOUNTER_CORE_CHECK_H_
#define LIVECOUNTER_CORE_CHECK_H_

namespace livecounter {

// Aborts the process, naming the broken `rule` and the place on standard error, unless it `holds`.
// In every build: a broken invariant means that numbers may be wrong from here on.
void CheckInvariant(bool holds, const char* rule, const char* file = __builtin_FILE(),
                    int line = __builtin_LINE());

// For rules of the form "where this, also that".
inline bool Implies(bool premise, bool conclusion) { return !premise || conclusion; }

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_CHECK_H_
