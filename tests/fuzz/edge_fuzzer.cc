// Any request head against a whole event loop of a gateway: whatever it asks for is answered, in time, with
// a status of the contract and CORS headers, or becomes a stream.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/variant.h"
#include "gateway/admission.h"
#include "gateway/client_limits.h"
#include "gateway/http/assets.h"
#include "gateway/http/router.h"
#include "gateway/loop_parts.h"
#include "gateway/net/request_head.h"
#include "gateway/testing/fake_catalog.h"
#include "gateway/testing/fake_counter_client.h"
#include "gateway/testing/fake_transport.h"
#include "gateway/testing/fake_user_gate.h"
#include "observability/metrics.h"
#include "prometheus/registry.h"
#include "services/runtime/random.h"

namespace livecounter::gateway {
namespace {

constexpr int kStatuses[] = {200, 204, 302, 304, 400, 401, 403, 404, 405, 409, 426, 429, 503};

constexpr int kTagsOfABadge = 12;

void Require(bool holds) {
  if (!holds) __builtin_trap();
}

// An even number of hits for counters whose id has an even length; the others do not exist.
absl::optional<int64_t> HitsOf(const CounterId& counter) {
  if (counter.id.size() % 2 == 1) return absl::nullopt;
  return static_cast<int64_t>(counter.id.size());
}

class Edge {
 public:
  Edge() {
    Product product;
    product.name = "accounts/a/products/p";
    product.allowed_origins = {"https://shop.example.com"};
    catalog_.Add("demo", product);
    catalog_.SetPublic("demo");
    loop_.Settle();
  }

  // One request, served by a counter service that answers all that it is asked for.
  void Serve(Request request, bool is_upgrade) {
    const bool has_cors = request.path != "/" && request.path != "/demo";
    const auto client =
        is_upgrade ? transport_.Upgrade(request) : transport_.Send(std::move(request));
    loop_.Settle();
    for (const LoopCommands& commands : client_.TakeSent()) Answer(commands);
    loop_.Advance(absl::Seconds(6));
    Require(client->response().has_value() || client->opened());
    if (!client->response()) return;
    CheckBadge(*client);
    const int status = client->response()->status;
    Require(std::count(std::begin(kStatuses), std::end(kStatuses), status) == 1);
    Require(!has_cors || status == 200 || status == 304 || status == 405 ||
            !client->header("access-control-allow-origin").empty() ||
            !client->header("vary").empty());
  }

 private:
  // The transport leaves the peer's address to be filled in, so that it is "::" here.
  static ClientLimits::Options Limits() {
    std::string error;
    ClientLimits::Options limits;
    Require(AbslParseFlag("::/128,10.0.0.0/8", &limits.trusted_proxies, &error));
    limits.max_connections_per_ip = 1;
    limits.hits_per_ip = TokenBucket::Rate{.interval = absl::Seconds(1), .burst = 1};
    return limits;
  }

  // A badge holds its own markup and no other, whatever its label.
  static void CheckBadge(const FakeClient& client) {
    if (client.header("content-type") != "image/svg+xml") return;
    const std::string& svg = client.response()->body;
    const auto tags = std::count(svg.begin(), svg.end(), '<');
    Require(svg.empty() || tags == kTagsOfABadge);
  }

  void Answer(const LoopCommands& commands) {
    LoopNews news;
    for (const CounterId& counter : commands.watch) {
      Change change;
      change.counter = counter;
      change.version = {1, ++revision_};
      change.hits = HitsOf(counter);
      news.changes.push_back(change);
    }
    for (const LoopCommands::Hit& hit : commands.hits) {
      const bool exists = HitsOf(hit.counter).has_value();
      news.outcomes.push_back({hit.ticket,
                               exists ? absl::OkStatus() : absl::NotFoundError("none"),
                               /*value=*/1,
                               {}});
    }
    client_.Tell(news);
    loop_.Settle();
  }

  FakeLoop loop_;
  FakeCounterClient client_;
  prometheus::Registry registry_;
  observability::GatewayMetrics metrics_{registry_};
  Admission admission_{1000, Limits()};
  runtime::SeededRandom random_{1};
  FakeCatalog catalog_;
  FakeUserGate users_;
  LoopParts parts_{loop_, client_, catalog_, users_, metrics_, admission_, random_};
  Assets assets_{EmbeddedAssets(), /*serve_demo=*/true};
  Router router_{parts_, assets_, absl::Seconds(1)};
  FakeTransport transport_{loop_, router_};
  uint64_t revision_ = 0;
};

void ServeHead(absl::string_view bytes) {
  const auto end = net::FindHeadEnd(bytes);
  if (!absl::holds_alternative<size_t>(end) || absl::get<size_t>(end) == 0) return;
  auto parsed = net::ParseRequestHead(bytes.substr(0, absl::get<size_t>(end)));
  if (!absl::holds_alternative<net::RequestHead>(parsed)) return;
  auto& head = absl::get<net::RequestHead>(parsed);
  Edge edge;
  edge.Serve(std::move(head.request), head.wants_web_socket && !head.refusal);
}

}  // namespace
}  // namespace livecounter::gateway

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  livecounter::gateway::ServeHead(absl::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
