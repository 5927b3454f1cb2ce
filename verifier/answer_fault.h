// What is wrong with an answer to a probe, in words that a customer can act on.

#ifndef LIVECOUNTER_VERIFIER_ANSWER_FAULT_H_
#define LIVECOUNTER_VERIFIER_ANSWER_FAULT_H_

#include <string>
#include <vector>

#include "verifier/customer_endpoint.h"

namespace livecounter::verifier {

// What came and what to do: "the status was 302: redirects are not followed, so give the URI that they
// lead to". "" for a right answer: `expected_status`, and one of the keys as the body. The body itself is
// never repeated. Pure; any thread.
std::string FaultOf(const EndpointAnswer& answer, int expected_status,
                    const std::vector<std::string>& api_keys);

}  // namespace livecounter::verifier

#endif  // LIVECOUNTER_VERIFIER_ANSWER_FAULT_H_
