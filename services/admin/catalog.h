// The whole catalog in memory: accounts → products → API keys, as the records say. What is read often is
// read here: lists, who owns what, what gateways are told.
//
// Kept up to date by the Records it was given, so it shows every write that has been answered. All methods
// may be called from any thread; what they return is a snapshot that does not change.

#ifndef LIVECOUNTER_SERVICES_ADMIN_CATALOG_H_
#define LIVECOUNTER_SERVICES_ADMIN_CATALOG_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/btree_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/optional.h"
#include "livecounter/storage/v1/records.pb.h"
#include "livecounter/v1/edge_service.pb.h"
#include "services/admin/record_access.h"
#include "services/admin/records.h"
#include "services/counter/product_directory.h"

namespace livecounter::admin {

using Account = Resource<storage::v1::AccountRecord>;
using Product = Resource<storage::v1::ProductRecord>;
using ApiKey = Resource<storage::v1::ApiKeyRecord>;

class Catalog final : public counter::ProductDirectory {
 public:
  template <typename T>
  using Page = std::vector<std::shared_ptr<const T>>;
  // Gets the names of products that gateways must hear of again, or that are gone. Must be quick, and
  // may read the catalog.
  using Listener = std::function<void(const std::vector<std::string>& products)>;

  // Adds itself to `records`, which tells it nothing before Open() and nothing after it ends.
  explicit Catalog(Records& records);

  // Where changes go; before the first one.
  void SetListener(Listener listener) { listener_ = std::move(listener); }

  // How many products there are.
  size_t CountProducts() const;

  absl::optional<uint64_t> LifeOf(absl::string_view name) const override;
  bool CreatesCounters(absl::string_view name) const override;

  // Null where there is none.
  std::shared_ptr<const Account> FindAccount(absl::string_view name) const;
  std::shared_ptr<const Product> FindProduct(absl::string_view name) const;
  std::shared_ptr<const ApiKey> FindApiKey(absl::string_view name) const;

  // Those whose names begin with `prefix` and are greater than `after` ("" for all), in byte order, at
  // most `limit`.
  Page<Account> ListAccounts(absl::string_view after, size_t limit) const;
  Page<Product> ListProducts(absl::string_view prefix, absl::string_view after, size_t limit) const;
  Page<ApiKey> ListApiKeys(absl::string_view prefix, absl::string_view after, size_t limit) const;

  // The strings of a product's active API keys.
  std::vector<std::string> ActiveKeys(absl::string_view product) const;
  // The names of all products, in byte order.
  std::vector<std::string> ProductNames() const;
  // What gateways are told of a product; nothing where there is none.
  absl::optional<v1::EdgeProduct> FindEdgeProduct(absl::string_view name) const;

 private:
  template <typename T>
  using Map = absl::btree_map<std::string, std::shared_ptr<const T>>;

  void OnAccount(const counter::RecordChange& change) ABSL_LOCKS_EXCLUDED(mutex_);
  void OnProduct(const counter::RecordChange& change) ABSL_LOCKS_EXCLUDED(mutex_);
  void OnApiKey(const counter::RecordChange& change) ABSL_LOCKS_EXCLUDED(mutex_);
  void Tell(const std::vector<std::string>& products);
  std::vector<std::string> ActiveKeysLocked(absl::string_view product) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  Listener listener_ = [](const std::vector<std::string>&) {};
  mutable absl::Mutex mutex_;
  Map<Account> accounts_ ABSL_GUARDED_BY(mutex_);
  Map<Product> products_ ABSL_GUARDED_BY(mutex_);
  Map<ApiKey> api_keys_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace livecounter::admin

#endif  // LIVECOUNTER_SERVICES_ADMIN_CATALOG_H_
