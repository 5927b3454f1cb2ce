#include "verifier/demo_customer_endpoint.h"

#include <cstddef>
#include <utility>

#include "absl/strings/match.h"
#include "nlohmann/json.hpp"

namespace livecounter::verifier {
namespace {

// More than are ever under way: one product has 500 calls and a load at a time.
constexpr size_t kMaxWaiting = 1'000'000;

bool IsUser(absl::string_view presence_id) {
  return absl::StartsWith(presence_id, "member-") || presence_id == "w-valid";
}

// Of `{"pId":"…"}`; nothing of anything else.
std::string PresenceIdIn(const std::string& body) {
  const auto json = nlohmann::json::parse(body, /*cb=*/nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("pId") || !json["pId"].is_string()) return "";
  return json["pId"].get<std::string>();
}

}  // namespace

DemoCustomerEndpoint::DemoCustomerEndpoint(std::string api_key, CustomerEndpoint& others)
    : api_key_(std::move(api_key)), others_(others), thread_(/*threads=*/1, kMaxWaiting) {}

void DemoCustomerEndpoint::Post(EndpointCall call, Done done) {
  if (call.uri != kDemoEndpointUri) {
    others_.Post(std::move(call), std::move(done));
    return;
  }
  thread_.TryRun([this, call = std::move(call), done = std::move(done)] { done(Answer(call)); });
}

void DemoCustomerEndpoint::PostTogether(std::vector<EndpointCall> calls, EachDone done) {
  if (calls.empty() || calls.front().uri != kDemoEndpointUri) {
    others_.PostTogether(std::move(calls), std::move(done));
    return;
  }
  thread_.TryRun([this, calls = std::move(calls), done = std::move(done)] {
    for (size_t i = 0; i < calls.size(); ++i) done(i, Answer(calls[i]));
  });
}

EndpointAnswer DemoCustomerEndpoint::Answer(const EndpointCall& call) const {
  EndpointAnswer answer;
  answer.status = IsUser(PresenceIdIn(call.body)) ? 200 : 401;
  answer.body = api_key_;
  return answer;
}

}  // namespace livecounter::verifier
