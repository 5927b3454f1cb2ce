#include "tests/conformance/embedded_harness.h"
#include "tests/conformance/engine_harness.h"

namespace livecounter::counter {

std::vector<EngineUnderTest> EnginesUnderTest() { return {{"Embedded", MakeEmbeddedHarness}}; }

}  // namespace livecounter::counter
