#include "services/admin/products.h"

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/admin/catalog_fixture.h"
#include "services/admin/demo_data.h"

namespace livecounter::admin {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr char kName[] = "accounts/shop/products/site";

class ProductsTest : public CatalogTest {
 protected:
  ProductsTest() { CreateAccount("shop"); }

  absl::StatusOr<v1::Product> Update(const v1::Product& product,
                                     const std::vector<std::string>& mask) {
    v1::UpdateProductRequest request;
    *request.mutable_product() = product;
    for (const std::string& path : mask) request.mutable_update_mask()->add_paths(path);
    return admin().products.Update(request);
  }
  absl::StatusOr<v1::Product> Get(const std::string& name = kName) {
    v1::GetProductRequest request;
    request.set_name(name);
    return admin().products.Get(request);
  }
  absl::Status Delete(const std::string& name = kName) {
    v1::DeleteProductRequest request;
    request.set_name(name);
    return admin().products.Delete(request);
  }
  // The message with which a product of these fields is refused.
  std::string Refused(const v1::Product& product) {
    v1::CreateProductRequest request;
    request.set_parent("accounts/shop");
    *request.mutable_product() = product;
    const auto result = admin().products.Create(kOperator, request);
    EXPECT_EQ(CodeOf(result), absl::StatusCode::kInvalidArgument) << product.DebugString();
    return std::string(result.status().message());
  }
};

TEST_F(ProductsTest, ANewProductHasDefaultsAndSecretsOfItsOwn) {
  const v1::Product product = CreateProduct("accounts/shop", "site");
  EXPECT_EQ(product.name(), kName);
  EXPECT_EQ(product.min_update_interval().nanos(), 100'000'000);
  EXPECT_EQ(product.clean_leave_grace().seconds(), 1);
  EXPECT_EQ(product.lost_leave_grace().seconds(), 10);
  EXPECT_THAT(product.allowed_origins(), IsEmpty());
  EXPECT_FALSE(product.auto_create_counters());
  EXPECT_EQ(product.limits().max_connections(), 0);
  EXPECT_FALSE(product.verification().enabled());
  EXPECT_THAT(product.verification().signing_secret(), StartsWith("whsec_"));
  const v1::Product other = CreateProduct("accounts/shop", "app");
  EXPECT_NE(other.verification().signing_secret(), product.verification().signing_secret());
  EXPECT_EQ(admin().catalog.FindEdgeProduct(kName)->presence_secret().size(), 32u);
  const uint64_t life = admin().catalog.FindEdgeProduct(kName)->life();
  EXPECT_NE(life, 0u);
  EXPECT_NE(admin().catalog.LifeOf(other.name()), life);
  Restart();
  EXPECT_EQ(admin().catalog.LifeOf(kName), life);
  EXPECT_EQ(admin().catalog.LifeOf("accounts/shop/products/none"), absl::nullopt);
  EXPECT_EQ(Value(Get()).SerializeAsString(), product.SerializeAsString());
}

TEST_F(ProductsTest, FieldsAreTakenAndVerificationIsNot) {
  v1::CreateProductRequest request;
  request.set_parent("accounts/shop");
  request.set_product_id("site");
  v1::Product& wanted = *request.mutable_product();
  wanted.set_display_name("Our shop");
  wanted.add_allowed_origins("https://*.shop.example");
  wanted.set_auto_create_counters(true);
  wanted.mutable_clean_leave_grace();  // present and zero
  wanted.mutable_limits()->set_max_posts_per_second(2.5);
  wanted.mutable_verification()->set_endpoint_uri("https://shop.example/verify");
  wanted.mutable_verification()->set_enabled(true);
  const v1::Product product = Value(admin().products.Create(kOperator, request));
  EXPECT_EQ(product.display_name(), "Our shop");
  EXPECT_THAT(product.allowed_origins(), ElementsAre("https://*.shop.example"));
  EXPECT_TRUE(product.auto_create_counters());
  EXPECT_EQ(product.clean_leave_grace().seconds(), 0);
  EXPECT_EQ(product.limits().max_posts_per_second(), 2.5);
  EXPECT_EQ(product.verification().endpoint_uri(), "");
  EXPECT_FALSE(product.verification().enabled());
}

TEST_F(ProductsTest, AnAccountThatIsNotThereHasNoProducts) {
  v1::CreateProductRequest request;
  request.set_parent("accounts/other");
  EXPECT_EQ(CodeOf(admin().products.Create(kOperator, request)), absl::StatusCode::kNotFound);
  v1::ListProductsRequest list;
  list.set_parent("accounts/other");
  EXPECT_EQ(CodeOf(admin().products.List(list)), absl::StatusCode::kNotFound);
}

TEST_F(ProductsTest, FieldsThatAreNotOfTheirFormAreNamedWithWhatTheyTake) {
  v1::Product product;
  product.set_display_name("\xFF");
  EXPECT_THAT(Refused(product), HasSubstr("product.display_name"));
  product = {};
  product.add_allowed_origins("*");
  product.add_allowed_origins("shop.example");
  EXPECT_THAT(Refused(product), HasSubstr("product.allowed_origins[1]"));
  product = {};
  for (int i = 0; i < 101; ++i) product.add_allowed_origins("*");
  EXPECT_THAT(Refused(product), HasSubstr("up to 100"));
  product = {};
  product.mutable_min_update_interval()->set_nanos(9'999'999);
  EXPECT_THAT(Refused(product), HasSubstr("product.min_update_interval"));
  product.mutable_min_update_interval()->set_seconds(61);
  EXPECT_THAT(Refused(product), HasSubstr("10ms to 1m"));
  product = {};
  product.mutable_clean_leave_grace()->set_seconds(-1);
  EXPECT_THAT(Refused(product), HasSubstr("product.clean_leave_grace"));
  product = {};
  product.mutable_lost_leave_grace()->set_seconds(301);
  EXPECT_THAT(Refused(product), HasSubstr("product.lost_leave_grace"));
  product = {};
  product.mutable_limits()->set_max_connections(-1);
  EXPECT_THAT(Refused(product), HasSubstr("product.limits.max_connections"));
  for (double posts :
       {-1.0, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    product.mutable_limits()->set_max_connections(0);
    product.mutable_limits()->set_max_posts_per_second(posts);
    EXPECT_THAT(Refused(product), HasSubstr("product.limits.max_posts_per_second"));
  }
}

TEST_F(ProductsTest, AMaskReachesSingleLimits) {
  v1::Product wanted = CreateProduct("accounts/shop", "site");
  wanted.clear_etag();
  wanted.mutable_limits()->set_max_connections(5);
  wanted.mutable_limits()->set_max_connections_per_ip(6);
  v1::Product product = Value(Update(wanted, {"limits.max_connections"}));
  EXPECT_EQ(product.limits().max_connections(), 5);
  EXPECT_EQ(product.limits().max_connections_per_ip(), 0);
  product = Value(Update(wanted, {"limits"}));
  EXPECT_EQ(product.limits().max_connections_per_ip(), 6);
  for (const char* path : {"limits.nothing", "limit", "verification.endpoint_uri",
                           "verification.signing_secret", "create_time", "etag"}) {
    EXPECT_EQ(CodeOf(Update(wanted, {path})), absl::StatusCode::kInvalidArgument) << path;
  }
}

TEST_F(ProductsTest, WithoutAMaskWhatIsAbsentStays) {
  v1::Product full = CreateProduct("accounts/shop", "site");
  Value(admin().products.SaveEndpoint(kName, "https://shop.example/v", /*enabled=*/true));
  full.clear_etag();
  full.clear_verification();
  full.set_auto_create_counters(true);
  full.add_allowed_origins("https://shop.example");
  full.mutable_lost_leave_grace()->set_seconds(60);
  full.mutable_limits()->set_max_connections(5);
  full.mutable_limits()->set_max_connections_per_ip(6);
  EXPECT_EQ(Value(Update(full, {})).lost_leave_grace().seconds(), 60);

  v1::Product wanted;
  wanted.set_name(kName);
  wanted.set_display_name("Our shop");
  v1::Product product = Value(Update(wanted, {}));
  EXPECT_EQ(product.display_name(), "Our shop");
  EXPECT_THAT(product.allowed_origins(), ElementsAre("https://shop.example"));
  EXPECT_TRUE(product.auto_create_counters());
  EXPECT_EQ(product.lost_leave_grace().seconds(), 60);
  EXPECT_EQ(product.limits().max_connections(), 5);
  EXPECT_TRUE(product.verification().enabled());

  // A message within it is taken as a whole: so verification is switched off.
  wanted.mutable_limits()->set_max_connections(7);
  wanted.mutable_verification()->set_enabled(false);
  product = Value(Update(wanted, {}));
  EXPECT_EQ(product.limits().max_connections(), 7);
  EXPECT_EQ(product.limits().max_connections_per_ip(), 0);
  EXPECT_FALSE(product.verification().enabled());
  wanted.mutable_verification()->set_endpoint_uri("https://elsewhere.example/v");
  EXPECT_EQ(CodeOf(Update(wanted, {})), absl::StatusCode::kInvalidArgument);
}

TEST_F(ProductsTest, WithAStarWhatIsAbsentGetsItsDefault) {
  v1::Product wanted = CreateProduct("accounts/shop", "site");
  wanted.clear_etag();
  wanted.set_auto_create_counters(true);
  wanted.mutable_lost_leave_grace()->set_seconds(60);
  Value(Update(wanted, {"*"}));
  v1::Product empty;
  empty.set_name(kName);
  const v1::Product product = Value(Update(empty, {"*"}));
  EXPECT_EQ(product.lost_leave_grace().seconds(), 10);
  EXPECT_FALSE(product.auto_create_counters());
}

TEST_F(ProductsTest, VerificationIsSwitchedByAnUpdateAndItsEndpointIsNotChanged) {
  v1::Product wanted = CreateProduct("accounts/shop", "site");
  wanted.clear_etag();
  wanted.mutable_verification()->set_enabled(true);
  const auto early = Update(wanted, {"verification.enabled"});
  EXPECT_EQ(CodeOf(early), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(early), "NO_VERIFICATION_ENDPOINT");

  Value(admin().products.SaveEndpoint(kName, "https://shop.example/v", /*enabled=*/false));
  EXPECT_TRUE(Value(Update(wanted, {"verification.enabled"})).verification().enabled());
  wanted.mutable_verification()->set_enabled(false);
  EXPECT_FALSE(Value(Update(wanted, {"verification"})).verification().enabled());
  EXPECT_EQ(Value(Get()).verification().endpoint_uri(), "https://shop.example/v");
  wanted.mutable_verification()->set_endpoint_uri("https://elsewhere.example/v");
  EXPECT_EQ(CodeOf(Update(wanted, {"verification"})), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Value(Get()).verification().endpoint_uri(), "https://shop.example/v");
}

TEST_F(ProductsTest, ConcurrentUpdatesOfDifferentFieldsAllHappen) {
  CreateProduct("accounts/shop", "site");
  std::vector<std::thread> writers;
  for (const char* path : {"limits.max_connections", "limits.max_connections_per_ip",
                           "auto_create_counters", "display_name"}) {
    writers.emplace_back([&, path] {
      v1::Product wanted;
      wanted.set_name(kName);
      wanted.set_display_name("Our shop");
      wanted.set_auto_create_counters(true);
      wanted.mutable_limits()->set_max_connections(5);
      wanted.mutable_limits()->set_max_connections_per_ip(6);
      Value(Update(wanted, {path}));
    });
  }
  for (std::thread& writer : writers) writer.join();
  const v1::Product product = Value(Get());
  EXPECT_EQ(product.display_name(), "Our shop");
  EXPECT_TRUE(product.auto_create_counters());
  EXPECT_EQ(product.limits().max_connections(), 5);
  EXPECT_EQ(product.limits().max_connections_per_ip(), 6);
}

TEST_F(ProductsTest, ListsOneAccountOrAll) {
  CreateAccount("shop-2");
  CreateProduct("accounts/shop", "b");
  CreateProduct("accounts/shop", "a");
  CreateProduct("accounts/shop-2", "c");
  v1::ListProductsRequest request;
  const auto names = [&](const std::string& parent) {
    request.set_parent(parent);
    request.clear_page_token();
    std::vector<std::string> all;
    do {
      const auto page = Value(admin().products.List(request));
      for (const v1::Product& product : page.products()) all.push_back(product.name());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return all;
  };
  for (int page_size : {0, 1, 2, 5'000}) {
    request.set_page_size(page_size);
    EXPECT_THAT(names("accounts/shop"),
                ElementsAre("accounts/shop/products/a", "accounts/shop/products/b"));
    EXPECT_THAT(names("accounts/-"),
                ElementsAre("accounts/shop-2/products/c", "accounts/shop/products/a",
                            "accounts/shop/products/b"));
  }
  request.set_parent("accounts/shop");
  request.set_page_size(1);
  const std::string token = Value(admin().products.List(request)).next_page_token();
  request.set_parent("accounts/shop-2");
  request.set_page_token(token);
  EXPECT_EQ(CodeOf(admin().products.List(request)), absl::StatusCode::kInvalidArgument);
  request.clear_page_token();
  request.set_page_size(-1);
  EXPECT_EQ(CodeOf(admin().products.List(request)), absl::StatusCode::kInvalidArgument);
}

TEST_F(ProductsTest, APageFitsIntoOneMessageHoweverLargeItsProductsAre) {
  v1::CreateProductRequest request;
  request.set_parent("accounts/shop");
  for (int i = 0; i < 100; ++i) {
    request.mutable_product()->add_allowed_origins(
        absl::StrCat("https://", std::string(60, 'a'), ".", std::string(60, 'b'), ".",
                     std::string(60, 'c'), ".example.", i, ".example"));
  }
  constexpr int kProducts = 120;
  for (int i = 0; i < kProducts; ++i) Value(admin().products.Create(kOperator, request));
  v1::ListProductsRequest list;
  list.set_parent("accounts/shop");
  list.set_page_size(1'000);
  int products = 0;
  int pages = 0;
  do {
    const auto page = Value(admin().products.List(list));
    EXPECT_LT(page.ByteSizeLong(), size_t{2} << 20);
    products += page.products_size();
    ++pages;
    list.set_page_token(page.next_page_token());
  } while (!list.page_token().empty());
  EXPECT_EQ(products, kProducts);
  EXPECT_GT(pages, 1);
}

TEST_F(ProductsTest, DeletingRemovesKeysAndCounters) {
  CreateProduct("accounts/shop", "site");
  const v1::ApiKey key = CreateKey(kName);
  EXPECT_TRUE(Delete().ok());
  EXPECT_THAT(admin().purged, ElementsAre(kName));
  EXPECT_EQ(CodeOf(Get()), absl::StatusCode::kNotFound);
  v1::GetApiKeyRequest request;
  request.set_name(key.name());
  EXPECT_EQ(CodeOf(admin().keys.Get(request)), absl::StatusCode::kNotFound);
  EXPECT_EQ(Delete().code(), absl::StatusCode::kNotFound);
  CreateProduct("accounts/shop", "site");
  EXPECT_THAT(admin().catalog.ActiveKeys(kName), IsEmpty());
}

TEST_F(ProductsTest, CountersThatCouldNotBeRemovedAreRemovedLater) {
  CreateProduct("accounts/shop", "site");
  CreateProduct("accounts/shop", "app");
  admin().purge_status = absl::UnavailableError("the disk is full");
  EXPECT_EQ(Delete().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Delete("accounts/shop/products/app").code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(CodeOf(Get()), absl::StatusCode::kNotFound);
  // Before one of the same name,
  admin().purge_status = absl::OkStatus();
  admin().purged.clear();
  CreateProduct("accounts/shop", "site");
  EXPECT_THAT(admin().purged, ElementsAre(kName));
  // or when the process starts again.
  Restart();
  EXPECT_TRUE(admin().products.FinishDeletions().ok());
  EXPECT_THAT(admin().purged, ElementsAre("accounts/shop/products/app"));
  admin().purged.clear();
  EXPECT_TRUE(admin().products.FinishDeletions().ok());
  EXPECT_THAT(admin().purged, IsEmpty());
}

TEST_F(ProductsTest, TheDemoIsAnActiveAccountWithOneProductAndKey) {
  EXPECT_FALSE(CatalogIsEmpty(admin().catalog));
  v1::DeleteAccountRequest request;
  request.set_name("accounts/shop");
  EXPECT_TRUE(admin().accounts.Delete(request).ok());
  EXPECT_TRUE(CatalogIsEmpty(admin().catalog));
  EXPECT_TRUE(LoadDemoCatalog(admin().parts).ok());
  EXPECT_FALSE(CatalogIsEmpty(admin().catalog));
  const auto demo = admin().catalog.FindEdgeProduct(kDemoProduct);
  ASSERT_TRUE(demo);
  EXPECT_TRUE(demo->active());
  EXPECT_THAT(demo->api_keys(), ElementsAre("demo"));
  EXPECT_THAT(demo->allowed_origins(), ElementsAre("*"));
  EXPECT_EQ(demo->min_update_interval().nanos(), 100'000'000);
  EXPECT_FALSE(admin().catalog.FindEdgeProduct(kVerifiedDemoProduct));
  // It can be deleted as any other.
  request.set_name("accounts/demo");
  request.set_force(true);
  EXPECT_TRUE(admin().accounts.Delete(request).ok());
}

TEST_F(ProductsTest, TheDemoHasAProductOfVerifiedUsersWhereThereIsAnEndpointForIt) {
  v1::DeleteAccountRequest request;
  request.set_name("accounts/shop");
  EXPECT_TRUE(admin().accounts.Delete(request).ok());
  EXPECT_TRUE(LoadDemoCatalog(admin().parts, "https://shop.invalid/verify").ok());
  EXPECT_FALSE(admin().catalog.FindEdgeProduct(kDemoProduct)->has_verification());
  const auto verified = admin().catalog.FindEdgeProduct(kVerifiedDemoProduct);
  ASSERT_TRUE(verified);
  EXPECT_THAT(verified->api_keys(), ElementsAre(kVerifiedDemoKey));
  EXPECT_EQ(verified->verification().endpoint_uri(), "https://shop.invalid/verify");
  request.set_name("accounts/demo");
  request.set_force(true);
  EXPECT_TRUE(admin().accounts.Delete(request).ok());
  EXPECT_FALSE(admin().catalog.FindEdgeProduct(kVerifiedDemoProduct));
}

}  // namespace
}  // namespace livecounter::admin
