// EdgeService.WatchCatalog of a whole counterd, over TCP and with its credential.

#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/runtime/bearer_token.h"
#include "tests/integration/counterd_fixture.h"

namespace livecounter::integration {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class WatchCatalogTest : public CounterdTest {
 protected:
  WatchCatalogTest() { has_product_ = false; }

  // The first message of a new watch.
  v1::WatchCatalogResponse FirstMessage() {
    const auto stub = v1::EdgeService::NewStub(EdgeChannel());
    grpc::ClientContext context;
    context.AddMetadata("authorization", runtime::AuthorizationHeader(kEdgeToken));
    const auto reader = stub->WatchCatalog(&context, v1::WatchCatalogRequest());
    v1::WatchCatalogResponse message;
    EXPECT_TRUE(reader->Read(&message));
    context.TryCancel();
    while (reader->Read(&message)) ADD_FAILURE() << "a message too many";
    reader->Finish();
    return message;
  }
};

TEST_F(WatchCatalogTest, ADeploymentWithoutDemoBeginsEmpty) {
  Start();
  const v1::WatchCatalogResponse message = FirstMessage();
  EXPECT_TRUE(message.complete());
  EXPECT_THAT(message.products(), IsEmpty());
}

TEST_F(WatchCatalogTest, TheDemoIsMadeOnceAndKept) {
  options_.demo = true;
  Start();
  const v1::WatchCatalogResponse message = FirstMessage();
  EXPECT_TRUE(message.complete());
  ASSERT_EQ(message.products_size(), 1);
  const v1::EdgeProduct& demo = message.products(0);
  EXPECT_EQ(demo.name(), kProduct);
  EXPECT_TRUE(demo.active());
  EXPECT_THAT(demo.api_keys(), ElementsAre("demo"));
  EXPECT_THAT(demo.allowed_origins(), ElementsAre("*"));
  EXPECT_EQ(demo.presence_secret().size(), 32u);
  EXPECT_EQ(Get("9").hits(), 0);
  Stop();
  Start();
  EXPECT_EQ(FirstMessage().SerializeAsString(), message.SerializeAsString());
}

}  // namespace
}  // namespace livecounter::integration
