#include "services/admin/catalog.h"

#include <string>
#include <utility>
#include <vector>

#include "services/admin/catalog_fixture.h"

namespace livecounter::admin {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kProduct[] = "accounts/shop/products/site";

// A catalog that records what it tells.
class CatalogChangesTest : public CatalogTest {
 protected:
  CatalogChangesTest() {
    admin().catalog.SetListener([this](const std::vector<std::string>& products) {
      told_.insert(told_.end(), products.begin(), products.end());
    });
  }
  std::vector<std::string> Told() { return std::exchange(told_, {}); }

  std::vector<std::string> told_;
};

TEST_F(CatalogChangesTest, TellsOfProductsAndOfWhatTheirGatewaysMustKnow) {
  CreateAccount("shop");
  EXPECT_THAT(Told(), IsEmpty());
  CreateProduct("accounts/shop", "site");
  EXPECT_THAT(Told(), ElementsAre(kProduct));
  const v1::ApiKey key = CreateKey(kProduct);
  EXPECT_THAT(Told(), ElementsAre(kProduct));
  EXPECT_THAT(admin().catalog.FindEdgeProduct(kProduct)->api_keys(), ElementsAre(key.key()));
  v1::RevokeApiKeyRequest revoke;
  revoke.set_name(key.name());
  Value(admin().keys.Revoke(revoke));
  EXPECT_THAT(Told(), ElementsAre(kProduct));
  EXPECT_THAT(admin().catalog.FindEdgeProduct(kProduct)->api_keys(), IsEmpty());
  v1::DeleteProductRequest deletion;
  deletion.set_name(kProduct);
  EXPECT_TRUE(admin().products.Delete(deletion).ok());
  EXPECT_THAT(Told(), ::testing::Contains(kProduct));
  EXPECT_FALSE(admin().catalog.FindEdgeProduct(kProduct));
}

TEST_F(CatalogChangesTest, AnAccountsStateIsToldOfAllItsProducts) {
  CreateAccount("shop");
  CreateAccount("shop-2");
  CreateProduct("accounts/shop", "site");
  CreateProduct("accounts/shop", "app");
  CreateProduct("accounts/shop-2", "site");
  Told();
  EXPECT_FALSE(admin().catalog.FindEdgeProduct(kProduct)->active());
  v1::ActivateAccountRequest activate;
  activate.set_name("accounts/shop");
  Value(admin().accounts.Activate(activate));
  EXPECT_THAT(Told(), ElementsAre("accounts/shop/products/app", kProduct));
  EXPECT_TRUE(admin().catalog.FindEdgeProduct(kProduct)->active());
  v1::UpdateAccountRequest rename;
  rename.mutable_account()->set_name("accounts/shop");
  Value(admin().accounts.Update(rename));
  EXPECT_THAT(Told(), IsEmpty());
}

TEST_F(CatalogChangesTest, VerificationIsToldWhileItIsOn) {
  CreateAccount("shop");
  CreateProduct("accounts/shop", "site");
  Value(admin().products.SaveEndpoint(kProduct, "https://shop.example/v", /*enabled=*/false));
  EXPECT_FALSE(admin().catalog.FindEdgeProduct(kProduct)->has_verification());
  const v1::Product saved =
      Value(admin().products.SaveEndpoint(kProduct, "https://shop.example/v", /*enabled=*/true));
  const v1::EdgeVerification told = admin().catalog.FindEdgeProduct(kProduct)->verification();
  EXPECT_EQ(told.endpoint_uri(), "https://shop.example/v");
  EXPECT_EQ(told.signing_secret(), saved.verification().signing_secret());
}

}  // namespace
}  // namespace livecounter::admin
