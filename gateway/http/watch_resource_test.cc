#include "gateway/http/watch_resource.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gateway/testing/edge_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace livecounter::gateway {
namespace {

using ::testing::HasSubstr;

class WatchResourceTest : public EdgeTest {
 protected:
  static int Status(const FakeClient& client) {
    return client.response() ? client.response()->status : 0;
  }
  static std::string Detail(const FakeClient& client) {
    return nlohmann::json::parse(client.response()->body)["detail"];
  }
  static std::string Ids(int count) {
    std::string ids;
    for (int i = 0; i < count; ++i) absl::StrAppend(&ids, "&urlId=", i);
    return ids;
  }
};

TEST_F(WatchResourceTest, WrongParametersAre400AndTheBodySaysWhich) {
  for (const auto& [target, says] : std::vector<std::pair<std::string, std::string>>{
           {"/watch?key=open", "\"urlId\" is missing"},
           {"/watch?key=open&urlId=a&urlId=", "\"urlId\" is empty"},
           {"/watch?key=open&urlId=a&urlId=\xff", "\"urlId\" is not valid UTF-8"},
           {absl::StrCat("/watch?key=open&urlId=", std::string(2049, 'x')), "has 2049 bytes"},
           {absl::StrCat("/watch?key=open", Ids(201)), "201 different values"},
           {"/watch?urlId=a", "\"key\" is missing"},
           {"/watch?urlId=a&key=open&key=open", "\"key\" is there twice"}}) {
    for (const auto& client : {Upgrade(target), Stream(target), Get(target)}) {
      EXPECT_EQ(Status(*client), 400) << target;
      EXPECT_THAT(Detail(*client), HasSubstr(says));
    }
  }
}

TEST_F(WatchResourceTest, TakesUpTo200IdsAndTheSameOneOften) {
  const auto socket = Upgrade(absl::StrCat("/watch?key=open", Ids(200), Ids(200)));
  EXPECT_TRUE(socket->opened());
  EXPECT_EQ(TakeCommands().watch.size(), 200u);
}

TEST_F(WatchResourceTest, NeedsNoPresenceId) {
  EXPECT_TRUE(Upgrade("/watch?key=open&urlId=a")->opened());
  EXPECT_TRUE(Stream("/watch?key=open&urlId=a")->opened());
}

TEST_F(WatchResourceTest, UnknownKeysAre401AndOtherOrigins403) {
  EXPECT_EQ(Status(*Upgrade("/watch?key=nobody&urlId=a")), 401);
  const std::string strict = "/watch?key=strict&urlId=a";
  EXPECT_EQ(Status(*Upgrade(strict, {{"origin", "https://evil.example"}})), 403);
  EXPECT_TRUE(Upgrade(strict, {{"origin", kAllowedOrigin}})->opened());
}

TEST_F(WatchResourceTest, PlainRequestsAre426AndOtherMethods405) {
  EXPECT_EQ(Status(*Get("/watch?key=open&urlId=a")), 426);
  const auto post = Send("POST", "/watch?key=open&urlId=a");
  EXPECT_EQ(Status(*post), 405);
  EXPECT_EQ(post->header("allow"), "OPTIONS, GET, HEAD");
  EXPECT_EQ(Status(*Send("OPTIONS", "/watch?key=open&urlId=a")), 204);
}

TEST_F(WatchResourceTest, ADrainingGatewayTakesNoMore) {
  admission_.StartDraining();
  EXPECT_EQ(Status(*Upgrade("/watch?key=open&urlId=a")), 503);
  const auto stream = Stream("/watch?key=open&urlId=a");
  EXPECT_EQ(Status(*stream), 200);
  EXPECT_THAT(stream->response()->body, HasSubstr("retry: "));
}

}  // namespace
}  // namespace livecounter::gateway
