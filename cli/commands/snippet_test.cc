// The lines that customers copy. That they are those of the dashboard too: tests/clients/cli_test.mjs.

#include <string>

#include "cli/cli_fixture.h"
#include "livecounter/v1/admin_service.pb.h"

namespace livecounter::cli {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class SnippetTest : public CliTest {
 protected:
  SnippetTest() {
    v1::ListApiKeysResponse keys;
    Add(&keys, "a", "old", 1);
    Add(&keys, "b", "newest", 3);
    Add(&keys, "c", "middle", 2);
    Add(&keys, "d", "revoked", 4).set_state(v1::ApiKey::REVOKED);
    server_.Answer("AdminService/ListApiKeys", keys);
    AnswerProduct({"https://shop.example"}, /*is_verified=*/false);
  }

  static v1::ApiKey& Add(v1::ListApiKeysResponse* keys, const std::string& id,
                         const std::string& key, int64_t created) {
    v1::ApiKey& made = *keys->add_api_keys();
    made.set_name("accounts/shop/products/web/keys/" + id);
    made.set_key(key);
    made.set_state(v1::ApiKey::ACTIVE);
    made.mutable_create_time()->set_seconds(created);
    return made;
  }
  void AnswerProduct(const std::vector<std::string>& origins, bool is_verified) {
    v1::Product product;
    product.set_name("accounts/shop/products/web");
    product.mutable_allowed_origins()->Add(origins.begin(), origins.end());
    product.mutable_verification()->set_enabled(is_verified);
    server_.Answer("AdminService/GetProduct", product);
  }
};

TEST_F(SnippetTest, IsTwoLinesWithTheNewestGoodKey) {
  ASSERT_EQ(Run("product snippet shop/web --url=https://live.example/"), 0) << err_;
  EXPECT_EQ(out_,
            "<script src=\"https://live.example/client.js\" defer></script>\n"
            "<p>People here now: <live-counter key=\"newest\">–</live-counter></p>\n");
  EXPECT_EQ(err_, "");
  EXPECT_THAT(server_.RequestsOf("AdminService/ListApiKeys"),
              ElementsAre(HasSubstr("parent: \"accounts/shop/products/web\"")));
}

TEST_F(SnippetTest, AKeyIsChosenByItsIdOrItsStringButNoRevokedOne) {
  for (const char* key : {"a", "old"}) {
    ASSERT_EQ(Run(absl::StrCat("product snippet shop/web --key=", key)), 0) << err_;
    EXPECT_THAT(out_, HasSubstr("key=\"old\""));
  }
  for (const char* key : {"d", "revoked", "unknown"}) {
    EXPECT_EQ(Run(absl::StrCat("product snippet shop/web --key=", key)), 1);
    EXPECT_THAT(err_, AllOf(HasSubstr("no good API key"), HasSubstr("key create shop/web")));
    EXPECT_EQ(out_, "");
  }
}

TEST_F(SnippetTest, SaysWhatIsCountedAndCannotBeBrokenOutOf) {
  ASSERT_EQ(Run("product snippet shop/web --view_only '--url_id=\"><a>&'"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("<live-counter key=\"newest\" "
                              "url-id=\"&quot;>&lt;a>&amp;\" view-only>–</live-counter>"));
}

TEST_F(SnippetTest, OfAHitCounterItCountsViews) {
  ASSERT_EQ(Run("product snippet shop/web --counter=front"), 0) << err_;
  EXPECT_THAT(
      out_,
      HasSubstr(
          "\n<p>Views: <live-counter key=\"newest\" counter=\"front\" hit>–</live-counter></p>\n"));
  EXPECT_EQ(Run("product snippet shop/web --counter=front --view_only"), 2);
}

TEST_F(SnippetTest, SaysWhatIsLeftToDo) {
  AnswerProduct({}, /*is_verified=*/true);
  ASSERT_EQ(Run("product snippet shop/web"), 0) << err_;  // the answer of before
  ASSERT_EQ(Run("product snippet shop/web"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("p-id=\"YOUR-VISITORS-SESSION-ID\""));
  EXPECT_THAT(err_, AllOf(HasSubstr("product update shop/web --allowed_origins"),
                          HasSubstr("your endpoint knows a visitor by")));
  ASSERT_EQ(Run("product snippet shop/web --view_only"), 0) << err_;
  EXPECT_THAT(out_ + err_, Not(HasSubstr("p-id")));
}

TEST_F(SnippetTest, JsonHasItsParts) {
  ASSERT_EQ(Run("product snippet shop/web --url=http://127.0.0.1:8080 -o json"), 0) << err_;
  EXPECT_THAT(out_, AllOf(HasSubstr("\"url\": \"http://127.0.0.1:8080\""),
                          HasSubstr("\"key\": \"newest\""), HasSubstr("\"html\": \"<script src=")));
}

TEST_F(SnippetTest, TheContextKnowsWhereTheGatewaysAre) {
  ASSERT_EQ(Run("product snippet shop/web"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("\"http://127.0.0.1:8080/client.js\""));
  ASSERT_EQ(Run("context set a --url=https://live.example"), 0) << err_;
  ASSERT_EQ(Run("product snippet shop/web"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("\"https://live.example/client.js\""));
  ASSERT_EQ(Run("product snippet shop/web --url=https://other.example"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("\"https://other.example/client.js\""));
}

TEST_F(SnippetTest, AUrlIsThatOfAHost) {
  for (const char* url :
       {"live.example", "ftp://live.example", "https://", "https://a.example/path",
        "https://a.example?x", "'https://a.example\"><script>'", "https://user@a.example"}) {
    EXPECT_EQ(Run(absl::StrCat("product snippet shop/web --url=", url)), 2) << url;
    EXPECT_THAT(err_, HasSubstr("without a path")) << url;
    EXPECT_EQ(Run(absl::StrCat("context set a --url=", url)), 2) << url;
  }
}

}  // namespace
}  // namespace livecounter::cli
