// The embedded engine under the conformance suite.

#ifndef LIVECOUNTER_TESTS_CONFORMANCE_EMBEDDED_HARNESS_H_
#define LIVECOUNTER_TESTS_CONFORMANCE_EMBEDDED_HARNESS_H_

#include <memory>

#include "tests/conformance/engine_harness.h"

namespace livecounter::counter {

std::unique_ptr<EngineHarness> MakeEmbeddedHarness(const HarnessOptions& options);

}  // namespace livecounter::counter

#endif  // LIVECOUNTER_TESTS_CONFORMANCE_EMBEDDED_HARNESS_H_
