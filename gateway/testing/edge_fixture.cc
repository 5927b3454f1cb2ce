#include "gateway/testing/edge_fixture.h"

#include <iterator>
#include <utility>

#include "absl/strings/str_split.h"

namespace livecounter::gateway {
namespace {

Product MakeProduct(const std::string& id, std::vector<std::string> origins) {
  Product product;
  product.name = "accounts/a/products/" + id;
  product.allowed_origins = std::move(origins);
  product.presence_secret.fill(1);
  return product;
}

template <typename T>
void MoveAll(std::vector<T>& from, std::vector<T>& to) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

EdgeTest::EdgeTest(const ClientLimits::Options& limits)
    : metrics_(registry_),
      admission_(kMaxConnections, limits),
      random_(1),
      parts_(loop_, client_, catalog_, users_, metrics_, admission_, random_),
      assets_(EmbeddedAssets(), /*serve_demo=*/true),
      router_(parts_, assets_, /*shared_max_age=*/absl::Seconds(1)),
      transport_(loop_, router_) {
  catalog_.Add("open", MakeProduct("open", {"*"}));
  catalog_.Add("strict", MakeProduct("strict", {kAllowedOrigin}));
  Product automatic = MakeProduct("auto", {"*"});
  automatic.auto_create_counters = true;
  automatic.life = 6;
  catalog_.Add("auto", automatic);
  catalog_.SetPublic("open");
  loop_.Settle();
}

Request EdgeTest::MakeRequest(absl::string_view method, absl::string_view target,
                              std::vector<std::pair<std::string, std::string>> headers) {
  Request request;
  request.method = std::string(method);
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(target, absl::MaxSplits('?', 1));
  request.path = std::string(parts.first);
  for (const absl::string_view parameter : absl::StrSplit(parts.second, '&', absl::SkipEmpty())) {
    request.query.push_back(absl::StrSplit(parameter, absl::MaxSplits('=', 1)));
  }
  request.headers = std::move(headers);
  request.peer_address = "127.0.0.1";
  return request;
}

std::shared_ptr<FakeClient> EdgeTest::Send(
    absl::string_view method, absl::string_view target,
    std::vector<std::pair<std::string, std::string>> headers) {
  auto client = transport_.Send(MakeRequest(method, target, std::move(headers)));
  loop_.Settle();
  return client;
}

std::shared_ptr<FakeClient> EdgeTest::Upgrade(
    absl::string_view target, std::vector<std::pair<std::string, std::string>> headers) {
  auto client = transport_.Upgrade(MakeRequest("GET", target, std::move(headers)));
  loop_.Settle();
  return client;
}

void EdgeTest::Tell(const CounterId& counter, uint64_t revision, absl::optional<int64_t> hits,
                    int64_t present, uint64_t epoch) {
  client_.Tell({.changes = {{.counter = counter,
                             .version = {epoch, revision},
                             .hits = hits,
                             .present = present,
                             .accepted_at = loop_.Now()}},
                .outcomes = {}});
  loop_.Settle();
}

void EdgeTest::TellOnly(const CounterId& counter, uint64_t revision, int64_t present,
                        absl::Time accepted_at) {
  client_.Tell({.changes = {{.counter = counter,
                             .version = {kEpoch, revision},
                             .hits = absl::nullopt,
                             .present = present,
                             .accepted_at = accepted_at}},
                .outcomes = {}});
}

void EdgeTest::Answer(uint64_t ticket, const absl::Status& status, int64_t value) {
  client_.Tell({.changes = {},
                .outcomes = {{.ticket = ticket, .status = status, .value = value, .version = {}}}});
  loop_.Settle();
}

LoopCommands EdgeTest::TakeCommands() {
  LoopCommands all;
  for (LoopCommands& batch : client_.TakeSent()) {
    MoveAll(batch.watch, all.watch);
    MoveAll(batch.unwatch, all.unwatch);
    MoveAll(batch.presence, all.presence);
    MoveAll(batch.hits, all.hits);
    MoveAll(batch.abandoned, all.abandoned);
    MoveAll(batch.connections, all.connections);
    MoveAll(batch.accepted, all.accepted);
  }
  return all;
}

LoopCommands::Hit EdgeTest::TakeHit() {
  const LoopCommands commands = TakeCommands();
  EXPECT_EQ(commands.hits.size(), 1u);
  return commands.hits.empty() ? LoopCommands::Hit() : commands.hits.front();
}

}  // namespace livecounter::gateway
