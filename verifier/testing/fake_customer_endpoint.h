// An endpoint whose calls are answered when a test says so. One thread.

#ifndef LIVECOUNTER_VERIFIER_TESTING_FAKE_CUSTOMER_ENDPOINT_H_
#define LIVECOUNTER_VERIFIER_TESTING_FAKE_CUSTOMER_ENDPOINT_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "verifier/customer_endpoint.h"

namespace livecounter::verifier {

class FakeCustomerEndpoint final : public CustomerEndpoint {
 public:
  struct Pending {
    EndpointCall call;
    Done done;
  };

  void Post(EndpointCall call, Done done) override {
    pending.push_back({std::move(call), std::move(done)});
  }
  void PostTogether(std::vector<EndpointCall> calls, EachDone done) override {
    for (size_t i = 0; i < calls.size(); ++i) {
      const auto each = [done, i](EndpointAnswer answer) { done(i, std::move(answer)); };
      pending.push_back({std::move(calls[i]), each});
    }
  }

  // Ends the oldest call.
  void Answer(const EndpointAnswer& answer) {
    const Pending first = std::move(pending.front());
    pending.pop_front();
    first.done(answer);
  }
  void Answer(int status, const std::string& body, absl::Duration took = absl::Milliseconds(10)) {
    Answer({.result = absl::OkStatus(), .status = status, .body = body, .took = took});
  }
  // Ends all that are there now.
  void AnswerAll(int status, const std::string& body) {
    for (size_t left = pending.size(); left > 0; --left) Answer(status, body);
  }

  std::deque<Pending> pending;
};

}  // namespace livecounter::verifier

#endif  // LIVECOUNTER_VERIFIER_TESTING_FAKE_CUSTOMER_ENDPOINT_H_
