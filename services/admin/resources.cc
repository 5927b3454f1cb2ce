#include "services/admin/resources.h"

#include "services/admin/checks.h"
#include "services/admin/secrets.h"

namespace livecounter::admin {

v1::Account ToMessage(const Account& account) {
  v1::Account to;
  to.set_name(account.name);
  to.set_display_name(account.data.display_name());
  to.set_email(account.data.email());
  to.set_state(account.data.active() ? v1::Account::ACTIVE : v1::Account::INACTIVE);
  *to.mutable_create_time() = account.data.create_time();
  to.set_etag(Etag(account.version));
  return to;
}

v1::Product ToMessage(const Product& product) {
  const storage::v1::ProductRecord& from = product.data;
  v1::Product to;
  to.set_name(product.name);
  to.set_display_name(from.display_name());
  *to.mutable_allowed_origins() = from.allowed_origins();
  to.set_auto_create_counters(from.auto_create_counters());
  *to.mutable_min_update_interval() = from.min_update_interval();
  *to.mutable_clean_leave_grace() = from.clean_leave_grace();
  *to.mutable_lost_leave_grace() = from.lost_leave_grace();
  to.mutable_limits()->set_max_connections(from.max_connections());
  to.mutable_limits()->set_max_connections_per_ip(from.max_connections_per_ip());
  to.mutable_limits()->set_max_posts_per_second(from.max_posts_per_second());
  to.mutable_verification()->set_endpoint_uri(from.endpoint_uri());
  to.mutable_verification()->set_enabled(from.verification_enabled());
  to.mutable_verification()->set_signing_secret(FormatSigningSecret(from.signing_secret()));
  *to.mutable_create_time() = from.create_time();
  to.set_etag(Etag(product.version));
  return to;
}

v1::ApiKey ToMessage(const ApiKey& key) {
  v1::ApiKey to;
  to.set_name(key.name);
  to.set_key(key.data.key());
  to.set_state(key.data.has_revoke_time() ? v1::ApiKey::REVOKED : v1::ApiKey::ACTIVE);
  *to.mutable_create_time() = key.data.create_time();
  if (key.data.has_revoke_time()) *to.mutable_revoke_time() = key.data.revoke_time();
  return to;
}

}  // namespace livecounter::admin
