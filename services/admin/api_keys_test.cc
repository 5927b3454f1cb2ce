#include "services/admin/api_keys.h"

#include <string>
#include <vector>

#include "services/admin/catalog_fixture.h"

namespace livecounter::admin {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kProduct[] = "accounts/shop/products/site";

class ApiKeysTest : public CatalogTest {
 protected:
  ApiKeysTest() {
    CreateAccount("shop");
    CreateProduct("accounts/shop", "site");
  }
  absl::StatusOr<v1::ApiKey> Revoke(const std::string& name) {
    v1::RevokeApiKeyRequest request;
    request.set_name(name);
    return admin().keys.Revoke(request);
  }
};

TEST_F(ApiKeysTest, ANewKeyIsActiveAndHasAStringThatIsNotItsId) {
  const v1::ApiKey key = CreateKey(kProduct, "web");
  EXPECT_EQ(key.name(), "accounts/shop/products/site/keys/web");
  EXPECT_THAT(key.key(), ::testing::MatchesRegex("[0-9a-z]{24}"));
  EXPECT_EQ(key.state(), v1::ApiKey::ACTIVE);
  EXPECT_FALSE(key.has_revoke_time());
  EXPECT_THAT(admin().catalog.ActiveKeys(kProduct), ElementsAre(key.key()));
  Restart();
  v1::GetApiKeyRequest request;
  request.set_name(key.name());
  EXPECT_EQ(Value(admin().keys.Get(request)).key(), key.key());
}

TEST_F(ApiKeysTest, ARevokedKeyStaysListedAndEndsForEver) {
  const v1::ApiKey key = CreateKey(kProduct, "web");
  clock_.Advance(absl::Seconds(5));
  const v1::ApiKey revoked = Value(Revoke(key.name()));
  EXPECT_EQ(revoked.state(), v1::ApiKey::REVOKED);
  EXPECT_EQ(revoked.revoke_time().seconds() - revoked.create_time().seconds(), 5);
  clock_.Advance(absl::Seconds(5));
  EXPECT_EQ(Value(Revoke(key.name())).SerializeAsString(), revoked.SerializeAsString());
  EXPECT_THAT(admin().catalog.ActiveKeys(kProduct), IsEmpty());
  v1::ListApiKeysRequest request;
  request.set_parent(kProduct);
  ASSERT_EQ(Value(admin().keys.List(request)).api_keys_size(), 1);
  v1::CreateApiKeyRequest again;
  again.set_parent(kProduct);
  EXPECT_EQ(CodeOf(admin().keys.CreateWithString(again, key.key())),
            absl::StatusCode::kAlreadyExists);
}

TEST_F(ApiKeysTest, IdsAndStringsAreUnique) {
  CreateKey(kProduct, "web");
  v1::CreateApiKeyRequest request;
  request.set_parent(kProduct);
  request.set_api_key_id("web");
  EXPECT_EQ(CodeOf(admin().keys.Create(kOperator, request)), absl::StatusCode::kAlreadyExists);
  request.set_api_key_id("one");
  EXPECT_EQ(Value(admin().keys.CreateWithString(request, "demo")).key(), "demo");
  request.set_api_key_id("two");
  EXPECT_EQ(CodeOf(admin().keys.CreateWithString(request, "demo")),
            absl::StatusCode::kAlreadyExists);
}

TEST_F(ApiKeysTest, ARequestIdMakesOneKey) {
  v1::CreateApiKeyRequest request;
  request.set_parent(kProduct);
  request.set_request_id("r");
  const v1::ApiKey key = Value(admin().keys.Create(kOperator, request));
  EXPECT_EQ(Value(admin().keys.Create(kOperator, request)).key(), key.key());
  request.set_validate_only(true);
  EXPECT_EQ(CodeOf(admin().keys.Create(kOperator, request)), absl::StatusCode::kInvalidArgument);
}

TEST_F(ApiKeysTest, AProductThatIsNotThereHasNoKeys) {
  v1::CreateApiKeyRequest request;
  request.set_parent("accounts/shop/products/other");
  EXPECT_EQ(CodeOf(admin().keys.Create(kOperator, request)), absl::StatusCode::kNotFound);
  v1::ListApiKeysRequest list;
  list.set_parent(request.parent());
  EXPECT_EQ(CodeOf(admin().keys.List(list)), absl::StatusCode::kNotFound);
  EXPECT_EQ(CodeOf(Revoke(request.parent() + "/keys/k")), absl::StatusCode::kNotFound);
  EXPECT_EQ(CodeOf(Revoke("keys/k")), absl::StatusCode::kInvalidArgument);
}

TEST_F(ApiKeysTest, AProductHasAThousandKeysAtMost) {
  for (int i = 0; i < 1'000; ++i) CreateKey(kProduct);
  v1::CreateApiKeyRequest request;
  request.set_parent(kProduct);
  const auto refused = admin().keys.Create(kOperator, request);
  EXPECT_EQ(CodeOf(refused), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(refused), "TOO_MANY_API_KEYS");
  v1::DeleteProductRequest deletion;
  deletion.set_name(kProduct);
  EXPECT_TRUE(admin().products.Delete(deletion).ok());
}

}  // namespace
}  // namespace livecounter::admin
