// AdminService's methods on API keys (proto/…/admin_service.proto), without gRPC, as accounts.h.

#ifndef LIVECOUNTER_SERVICES_ADMIN_API_KEYS_H_
#define LIVECOUNTER_SERVICES_ADMIN_API_KEYS_H_

#include <string>

#include "absl/status/statusor.h"
#include "livecounter/v1/admin_service.pb.h"
#include "services/admin/catalog_parts.h"
#include "services/admin/request_log.h"
#include "services/runtime/principal.h"

namespace livecounter::admin {

class ApiKeys {
 public:
  explicit ApiKeys(CatalogParts parts) : parts_(parts) {}

  absl::StatusOr<v1::ApiKey> Create(const runtime::Principal& caller,
                                    const v1::CreateApiKeyRequest& request);
  // With this string instead of one that is made up. ALREADY_EXISTS where it is taken.
  absl::StatusOr<v1::ApiKey> CreateWithString(const v1::CreateApiKeyRequest& request,
                                              const std::string& key);
  absl::StatusOr<v1::ApiKey> Get(const v1::GetApiKeyRequest& request) const;
  absl::StatusOr<v1::ListApiKeysResponse> List(const v1::ListApiKeysRequest& request) const;
  absl::StatusOr<v1::ApiKey> Revoke(const v1::RevokeApiKeyRequest& request);

 private:
  absl::StatusOr<v1::ApiKey> TryCreate(const RepeatableCall& call,
                                       const v1::CreateApiKeyRequest& request,
                                       const std::string& key);

  CatalogParts parts_;
};

}  // namespace livecounter::admin

#endif  // LIVECOUNTER_SERVICES_ADMIN_API_KEYS_H_
