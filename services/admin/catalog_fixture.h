// A catalog over a fake store, and the methods on it, for tests.

#ifndef LIVECOUNTER_SERVICES_ADMIN_CATALOG_FIXTURE_H_
#define LIVECOUNTER_SERVICES_ADMIN_CATALOG_FIXTURE_H_

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/admin/accounts.h"
#include "services/admin/api_keys.h"
#include "services/admin/catalog.h"
#include "services/admin/products.h"
#include "services/counter/fake_record_store.h"
#include "services/runtime/clock.h"
#include "services/runtime/grpc_status.h"
#include "services/runtime/random.h"

namespace livecounter::admin {

// The code of either.
inline absl::StatusCode CodeOf(const absl::Status& status) { return status.code(); }
template <typename T>
absl::StatusCode CodeOf(const absl::StatusOr<T>& result) {
  return result.status().code();
}
template <typename T>
std::string ReasonOf(const absl::StatusOr<T>& result) {
  return runtime::ReasonOf(result.status());
}

// One process' view of a store: what is in memory, and the methods.
struct CatalogProcess {
  explicit CatalogProcess(counter::FakeRecordStore& store, runtime::Clock& clock,
                          runtime::Random& random)
      : records(store), catalog(records), parts{records, catalog, clock, random} {
    const absl::Status opened = records.Open();
    EXPECT_TRUE(opened.ok()) << opened;
  }

  Records records;
  Catalog catalog;
  CatalogParts parts;
  std::vector<std::string> purged;
  absl::Status purge_status;
  Products products{parts, [this](const std::string& product) {
                      purged.push_back(product);
                      return purge_status;
                    }};
  Accounts accounts{parts, products};
  ApiKeys keys{parts};
};

class CatalogTest : public ::testing::Test {
 protected:
  CatalogTest() { Restart(); }

  // As after the end of the process: the store is all that is left.
  void Restart() {
    process_ = nullptr;
    process_ = std::make_unique<CatalogProcess>(store_, clock_, random_);
  }
  CatalogProcess& admin() { return *process_; }

  // Creates, and expects that it worked.
  v1::Account CreateAccount(const std::string& id, const std::string& email = "") {
    v1::CreateAccountRequest request;
    request.set_account_id(id);
    request.mutable_account()->set_email(email);
    return Value(admin().accounts.Create(kOperator, request));
  }
  v1::Product CreateProduct(const std::string& parent, const std::string& id) {
    v1::CreateProductRequest request;
    request.set_parent(parent);
    request.set_product_id(id);
    return Value(admin().products.Create(kOperator, request));
  }
  v1::ApiKey CreateKey(const std::string& parent, const std::string& id = "") {
    v1::CreateApiKeyRequest request;
    request.set_parent(parent);
    request.set_api_key_id(id);
    return Value(admin().keys.Create(kOperator, request));
  }

  template <typename T>
  static T Value(const absl::StatusOr<T>& result) {
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *result : T();
  }

  const runtime::Principal kOperator{.is_operator = true};
  runtime::FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  runtime::SeededRandom random_{1};
  counter::FakeRecordStore store_{clock_};

 private:
  std::unique_ptr<CatalogProcess> process_;
};

}  // namespace livecounter::admin

#endif  // LIVECOUNTER_SERVICES_ADMIN_CATALOG_FIXTURE_H_
