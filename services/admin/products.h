// AdminService's methods on products (proto/…/admin_service.proto), without gRPC, as accounts.h.

#ifndef LIVECOUNTER_SERVICES_ADMIN_PRODUCTS_H_
#define LIVECOUNTER_SERVICES_ADMIN_PRODUCTS_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "livecounter/v1/admin_service.pb.h"
#include "services/admin/catalog_parts.h"
#include "services/admin/request_log.h"
#include "services/runtime/principal.h"

namespace livecounter::admin {

class Products {
 public:
  // Removes a product's counters and history, for good; repeating it does no harm.
  using Purge = std::function<absl::Status(const std::string& product)>;

  Products(CatalogParts parts, Purge purge) : parts_(parts), purge_(std::move(purge)) {}

  absl::StatusOr<v1::Product> Create(const runtime::Principal& caller,
                                     const v1::CreateProductRequest& request);
  absl::StatusOr<v1::Product> Get(const v1::GetProductRequest& request) const;
  absl::StatusOr<v1::ListProductsResponse> List(const v1::ListProductsRequest& request) const;
  absl::StatusOr<v1::Product> Update(const v1::UpdateProductRequest& request);
  // Answers once its counters are gone too. Where they cannot be removed now, UNAVAILABLE: the product
  // is gone, and its counters will be by FinishDeletions(), or when it is created again.
  absl::Status Delete(const v1::DeleteProductRequest& request);

  // A product that is not stored yet, of this name, with the fields that a creator may choose and secrets
  // of its own. The name and the fields have their form.
  static Product Make(std::string name, const v1::Product& fields, const CatalogParts& parts);

  // Stores an endpoint that passed its test, and whether it is asked. NOT_FOUND.
  absl::StatusOr<v1::Product> SaveEndpoint(const std::string& name, const std::string& endpoint_uri,
                                           bool enabled);

  // Deletes all products of an account.
  absl::Status DeleteAll(const std::string& account);
  // Removes what deleted products have left: once, at start.
  absl::Status FinishDeletions();

 private:
  using Writes = std::vector<counter::RecordWrite>;

  absl::StatusOr<v1::Product> TryCreate(const RepeatableCall& call,
                                        const v1::CreateProductRequest& request);
  absl::StatusOr<uint64_t> TryDelete(const v1::DeleteProductRequest& request);
  absl::StatusOr<v1::Product> Commit(Product product, Writes writes);
  // Removes the counters of a product that was deleted, if they are still there.
  absl::Status FinishDeletion(const std::string& product);

  CatalogParts parts_;
  Purge purge_;
};

}  // namespace livecounter::admin

#endif  // LIVECOUNTER_SERVICES_ADMIN_PRODUCTS_H_
