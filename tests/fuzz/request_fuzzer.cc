// What any client on the internet may send: a request head, its line and target, and what the resources
// read out of it.

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/variant.h"
#include "gateway/http/accept.h"
#include "gateway/http/query.h"
#include "gateway/net/request_head.h"
#include "gateway/net/request_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using livecounter::gateway::net::RequestHead;
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  livecounter::gateway::net::ParseRequestTarget(bytes).IgnoreError();

  const auto end = livecounter::gateway::net::FindHeadEnd(bytes);
  if (!absl::holds_alternative<size_t>(end)) return 0;
  const size_t length = absl::get<size_t>(end);
  if (length > bytes.size()) __builtin_trap();
  if (length == 0) return 0;
  const auto parsed = livecounter::gateway::net::ParseRequestHead(bytes.substr(0, length));
  if (!absl::holds_alternative<RequestHead>(parsed)) return 0;

  const RequestHead& head = absl::get<RequestHead>(parsed);
  if (head.body_size > livecounter::gateway::net::HeadRules().max_body) __builtin_trap();
  const auto parameters = livecounter::gateway::ParseSubParameters(head.request.query);
  if (parameters.ok() && (parameters->url_id.empty() || parameters->url_id.size() > 2048 ||
                          parameters->presence_id.size() > 256 || parameters->key.size() > 64)) {
    __builtin_trap();
  }
  if (const auto accept = head.request.header("accept")) {
    livecounter::gateway::AcceptHolds(*accept, "text/event-stream");
  }
  return 0;
}
