#include "gateway/http/sub_resource.h"

#include <string>
#include <vector>

#include "gateway/presence_hash.h"
#include "gateway/testing/edge_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace livecounter::gateway {
namespace {

using observability::RejectReason;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr char kSub[] = "/sub?urlId=page&key=open&pId=me";

class SubResourceTest : public EdgeTest {
 protected:
  static int Status(const FakeClient& client) {
    return client.response() ? client.response()->status : 0;
  }
  static std::string Detail(const FakeClient& client) {
    return nlohmann::json::parse(client.response()->body)["detail"];
  }
  // The same request in the three ways that a client can make it.
  std::vector<std::shared_ptr<FakeClient>> InEveryWay(
      absl::string_view target, std::vector<std::pair<std::string, std::string>> headers = {}) {
    std::vector<std::pair<std::string, std::string>> event_stream = headers;
    event_stream.emplace_back("accept", "text/event-stream");
    return {Upgrade(target, headers), Get(target, event_stream), Get(target, headers)};
  }
  PresenceHash Hash(absl::string_view presence_id) {
    return HashPresenceId(presence_id, catalog_.FindByKey("open")->presence_secret);
  }
};

TEST_F(SubResourceTest, ASocketShowsTheNumberAtOnceAndEachChange) {
  const auto socket = Upgrade(kSub);
  ASSERT_TRUE(socket->opened());
  EXPECT_THAT(TakeCommands().watch, ElementsAre(Open("page")));
  Tell(Open("page"), 1, absl::nullopt, /*present=*/3);
  EXPECT_THAT(socket->TakeFrames(), ElementsAre("3"));
  Tell(Open("page"), 2, absl::nullopt, /*present=*/4);
  EXPECT_THAT(socket->TakeFrames(), ElementsAre("4"));
  const auto second = Upgrade(kSub);
  EXPECT_THAT(second->TakeFrames(), ElementsAre("4"));
}

TEST_F(SubResourceTest, AnEventStreamShowsTheSame) {
  const auto stream = Stream(kSub);
  ASSERT_TRUE(stream->opened());
  EXPECT_EQ(stream->header("content-type"), "text/event-stream");
  EXPECT_EQ(stream->header("cache-control"), "no-store");
  EXPECT_EQ(stream->header("x-accel-buffering"), "no");
  EXPECT_EQ(stream->header("access-control-allow-origin"), "*");
  EXPECT_THAT(stream->opening(), StartsWith(":" + std::string(2048, ' ') + "\nretry: "));
  Tell(Open("page"), 1, absl::nullopt, /*present=*/3);
  EXPECT_THAT(stream->TakeFrames(), ElementsAre("event: message\nid: 7-1\ndata: 3\n\n"));
}

TEST_F(SubResourceTest, AnEventStreamWaitsForTheRevisionThatItsClientHasSeen) {
  Upgrade(kSub);
  Tell(Open("page"), 1, absl::nullopt, /*present=*/3);
  const auto stream = Get(kSub, {{"accept", "text/event-stream"}, {"last-event-id", "7-2"}});
  EXPECT_FALSE(stream->opened());
  Tell(Open("page"), 2, absl::nullopt, /*present=*/4);
  EXPECT_THAT(stream->TakeFrames(), ElementsAre("event: message\nid: 7-2\ndata: 4\n\n"));
  const auto late = Get(kSub, {{"accept", "text/event-stream"}, {"last-event-id", "7-3"}});
  loop_.Advance(absl::Seconds(2));
  EXPECT_THAT(late->TakeFrames(), ElementsAre("event: message\nid: 7-2\ndata: 4\n\n"));
  const auto other_epoch = Get(kSub, {{"accept", "text/event-stream"}, {"last-event-id", "6-9"}});
  EXPECT_THAT(other_epoch->TakeFrames(), ElementsAre("event: message\nid: 7-2\ndata: 4\n\n"));
}

TEST_F(SubResourceTest, WithoutIOrWithTItContributes) {
  for (const char* i : {"", "&i=t"}) {
    const auto socket = Upgrade(absl::StrCat(kSub, i));
    const LoopCommands commands = TakeCommands();
    ASSERT_EQ(commands.presence.size(), 1u);
    EXPECT_EQ(commands.presence[0].counter, Open("page"));
    EXPECT_THAT(commands.presence[0].joined, ElementsAre(Hash("me")));
    socket->Disconnect();
    loop_.Advance(absl::Seconds(20));
    TakeCommands();
  }
}

TEST_F(SubResourceTest, WithFItOnlyWatches) {
  const auto socket = Upgrade(absl::StrCat(kSub, "&i=f"));
  const auto stream = Stream(absl::StrCat(kSub, "&i=f"));
  EXPECT_THAT(TakeCommands().presence, IsEmpty());
  Tell(Open("page"), 1, absl::nullopt, /*present=*/3);
  EXPECT_THAT(socket->TakeFrames(), ElementsAre("3"));
  EXPECT_EQ(stream->TakeFrames().size(), 1u);
}

TEST_F(SubResourceTest, WrongParametersAre400AndTheBodySaysWhich) {
  for (const auto& [target, says] : std::vector<std::pair<std::string, std::string>>{
           {"/sub?key=open&pId=me", "\"urlId\" is missing"},
           {"/sub?urlId=&key=open&pId=me", "\"urlId\" is empty"},
           {"/sub?urlId=page&pId=me", "\"key\" is missing"},
           {"/sub?urlId=page&key=open", "\"pId\" is missing"},
           {"/sub?urlId=page&key=open&pId=me&pId=me", "\"pId\" is there twice"},
           {"/sub?urlId=page&key=open&pId=" + std::string(257, 'x'), "\"pId\" has 257 bytes"},
           {"/sub?urlId=page&key=open&pId=\xff", "\"pId\" is not valid UTF-8"},
           {"/sub?urlId=page&key=open&pId=me&i=yes", "\"i\" has another value"}}) {
    for (const auto& client : InEveryWay(target)) {
      EXPECT_EQ(Status(*client), 400) << target;
      EXPECT_EQ(client->header("content-type"), "application/problem+json");
      EXPECT_EQ(client->header("access-control-allow-origin"), "*");
      EXPECT_THAT(Detail(*client), HasSubstr(says));
    }
  }
  EXPECT_TRUE(TakeCommands().empty());
}

TEST_F(SubResourceTest, UnknownParametersAreIgnored) {
  EXPECT_TRUE(Upgrade(absl::StrCat(kSub, "&v=2&v=3&utm=x"))->opened());
}

TEST_F(SubResourceTest, AnUnknownKeyIs401) {
  for (const auto& client : InEveryWay("/sub?urlId=page&key=nope&pId=me")) {
    EXPECT_EQ(Status(*client), 401);
    EXPECT_NE(client->header("www-authenticate"), "");
    EXPECT_THAT(Detail(*client), HasSubstr("\"key\""));
  }
  EXPECT_EQ(Rejected(RejectReason::kUnknownKey), 3);
}

TEST_F(SubResourceTest, AnotherOriginIs403) {
  const char* target = "/sub?urlId=page&key=strict&pId=me";
  for (const auto& client : InEveryWay(target, {{"origin", "https://evil.test"}})) {
    EXPECT_EQ(Status(*client), 403);
    EXPECT_EQ(client->header("access-control-allow-origin"), "");
  }
  EXPECT_TRUE(Upgrade(target, {{"origin", kAllowedOrigin}})->opened());
  const auto stream = Get(target, {{"origin", kAllowedOrigin}, {"accept", "text/event-stream"}});
  EXPECT_EQ(stream->header("access-control-allow-origin"), kAllowedOrigin);
  EXPECT_TRUE(Upgrade(target)->opened());
}

TEST_F(SubResourceTest, NeitherUpgradeNorEventStreamIs426) {
  for (const char* accept : {"", "*/*", "application/json"}) {
    const auto client = Get(kSub, {{"accept", accept}});
    EXPECT_EQ(Status(*client), 426);
    EXPECT_EQ(client->header("upgrade"), "websocket");
    EXPECT_THAT(Detail(*client), HasSubstr("Accept: text/event-stream"));
  }
  EXPECT_EQ(Rejected(RejectReason::kNotAStream), 3);
  EXPECT_TRUE(TakeCommands().empty());
}

TEST_F(SubResourceTest, WhileDrainingSocketsGet503AndEventStreamsComeBack) {
  admission_.StartDraining();
  const auto clients = InEveryWay(kSub);
  EXPECT_EQ(Status(*clients[0]), 503);
  EXPECT_NE(clients[0]->header("retry-after"), "");
  EXPECT_EQ(Status(*clients[1]), 200);
  EXPECT_EQ(clients[1]->header("content-type"), "text/event-stream");
  EXPECT_THAT(clients[1]->response()->body, StartsWith("retry: "));
  EXPECT_EQ(Status(*clients[2]), 503);
  EXPECT_EQ(Rejected(RejectReason::kDraining), 3);
  EXPECT_TRUE(TakeCommands().empty());
}

TEST_F(SubResourceTest, WhenFullSocketsGet503AndEventStreamsComeBack) {
  for (int64_t i = 0; i < kMaxConnections; ++i) admission_.StreamOpened();
  const auto clients = InEveryWay(kSub);
  EXPECT_EQ(Status(*clients[0]), 503);
  EXPECT_EQ(Status(*clients[1]), 200);
  EXPECT_THAT(clients[1]->response()->body, StartsWith("retry: "));
  EXPECT_EQ(Rejected(RejectReason::kOverloaded), 3);
}

TEST_F(SubResourceTest, OtherMethods) {
  const auto preflight =
      Send("OPTIONS", "/sub?urlId=page&key=strict&pId=me", {{"origin", kAllowedOrigin}});
  EXPECT_EQ(Status(*preflight), 204);
  EXPECT_EQ(preflight->header("access-control-allow-origin"), kAllowedOrigin);
  EXPECT_EQ(Status(*Send("OPTIONS", "/sub")), 204);
  const auto post = Send("POST", kSub);
  EXPECT_EQ(Status(*post), 405);
  EXPECT_EQ(post->header("allow"), "OPTIONS, GET, HEAD");
  const auto head = Send("HEAD", kSub, {{"accept", "text/event-stream"}});
  EXPECT_EQ(Status(*head), 200);
  EXPECT_EQ(parts_.streams.size(), 0);
  EXPECT_THAT(TakeCommands().presence, IsEmpty());
}

}  // namespace
}  // namespace livecounter::gateway
