#include "services/admin/api_keys.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/admin/checks.h"
#include "services/admin/children.h"
#include "services/admin/record_access.h"
#include "services/admin/resources.h"
#include "services/admin/secrets.h"
#include "services/runtime/grpc_status.h"
#include "services/runtime/principal.h"
#include "wire/field.h"
#include "wire/names.h"
#include "wire/page_token.h"

namespace livecounter::admin {
namespace {

using storage::v1::ApiKeyRecord;
using storage::v1::OwnerRecord;

// Of a product, revoked ones too: deleting it removes them all in one write.
constexpr int64_t kMaxKeys = 1'000;

absl::Status Check(const v1::CreateApiKeyRequest& request) {
  absl::Status form = wire::CheckProductName(request.parent());
  if (form.ok()) form = CheckNewId("api_key_id", request.api_key_id());
  if (form.ok()) form = CheckRequestId(request.request_id());
  return form;
}

absl::StatusOr<ApiKey> LoadApiKey(Records& records, const std::string& name) {
  auto key = Load<ApiKeyRecord>(records, kApiKeyKind, name);
  if (!key.ok()) return key.status();
  if (!*key) return runtime::NoSuch("API key", name);
  return **std::move(key);
}

absl::Status CheckRoom(const Children& keys) {
  if (keys.data.count() < kMaxKeys) return absl::OkStatus();
  return runtime::WithReason(
      absl::ResourceExhaustedError(absl::StrCat(keys.name, " has ", kMaxKeys,
                                                " API keys, revoked ones too, the most a product "
                                                "may have")),
      "TOO_MANY_API_KEYS");
}

// ALREADY_EXISTS where there is such a record.
absl::Status CheckFree(Records& records, absl::string_view kind, absl::string_view rest,
                       absl::string_view what) {
  const auto taken = records.Find(RecordKey(kind, rest));
  if (!taken.ok() || !*taken) return taken.status();
  return runtime::WithReason(absl::AlreadyExistsError(absl::StrCat("there is ", what, " already")),
                             "API_KEY_EXISTS");
}

absl::StatusOr<v1::ApiKey> Commit(Records& records, ApiKey key,
                                  std::vector<counter::RecordWrite> writes) {
  const absl::StatusOr<uint64_t> version = records.Write(std::move(writes));
  if (!version.ok()) return version.status();
  key.version = *version;
  return ToMessage(key);
}

}  // namespace

absl::StatusOr<v1::ApiKey> ApiKeys::Create(const runtime::Principal& caller,
                                           const v1::CreateApiKeyRequest& request) {
  if (absl::Status form = Check(request); !form.ok()) return form;
  const RepeatableCall call(caller, request.request_id(), request);
  const std::string key = MakeKeyString(parts_.random);
  return RetryConflicts([&] { return TryCreate(call, request, key); });
}

absl::StatusOr<v1::ApiKey> ApiKeys::CreateWithString(const v1::CreateApiKeyRequest& request,
                                                     const std::string& key) {
  if (absl::Status form = Check(request); !form.ok()) return form;
  const RepeatableCall call({}, "", request);
  return RetryConflicts([&] { return TryCreate(call, request, key); });
}

absl::StatusOr<v1::ApiKey> ApiKeys::TryCreate(const RepeatableCall& call,
                                              const v1::CreateApiKeyRequest& request,
                                              const std::string& key) {
  const absl::StatusOr<std::string> made = call.FindMade(parts_.records);
  if (!made.ok()) return made.status();
  if (!made->empty()) {
    const auto known = LoadApiKey(parts_.records, *made);
    if (!known.ok()) return known.status();
    return ToMessage(*known);
  }
  const auto siblings = LoadChildren(parts_.records, "product", request.parent());
  if (!siblings.ok()) return siblings.status();
  ApiKey created;
  created.name = absl::StrCat(
      request.parent(), "/keys/",
      request.api_key_id().empty() ? MakeResourceId(parts_.random) : request.api_key_id());
  created.data.set_key(key);
  wire::EncodeTime(parts_.clock.Now(), created.data.mutable_create_time());
  absl::Status free = CheckRoom(*siblings);
  if (free.ok()) free = CheckFree(parts_.records, kApiKeyKind, created.name, created.name);
  if (free.ok()) free = CheckFree(parts_.records, kKeyStringKind, key, "an API key of this string");
  if (!free.ok()) return free;
  if (request.validate_only()) return ToMessage(created);

  OwnerRecord owner;
  owner.set_owner(created.name);
  std::vector<counter::RecordWrite> writes = {Put(kApiKeyKind, created.name, created.data, 0),
                                              Put(kKeyStringKind, key, owner, 0)};
  AddCount(*siblings, +1, &writes);
  call.AddRecord(created.name, parts_.clock.Now(), &writes);
  return Commit(parts_.records, std::move(created), std::move(writes));
}

absl::StatusOr<v1::ApiKey> ApiKeys::Get(const v1::GetApiKeyRequest& request) const {
  if (absl::Status form = wire::CheckApiKeyName(request.name()); !form.ok()) return form;
  const std::shared_ptr<const ApiKey> key = parts_.catalog.FindApiKey(request.name());
  if (key == nullptr) return runtime::NoSuch("API key", request.name());
  return ToMessage(*key);
}

absl::StatusOr<v1::ListApiKeysResponse> ApiKeys::List(const v1::ListApiKeysRequest& request) const {
  if (absl::Status form = wire::CheckProductName(request.parent()); !form.ok()) return form;
  if (parts_.catalog.FindProduct(request.parent()) == nullptr) {
    return runtime::NoSuch("product", request.parent());
  }
  const std::string prefix = absl::StrCat(request.parent(), "/keys/");
  const auto page = CheckPage(prefix, request.page_size(), request.page_token());
  if (!page.ok()) return page.status();
  v1::ListApiKeysResponse response;
  for (const auto& key : parts_.catalog.ListApiKeys(prefix, page->after, page->limit + 1)) {
    if (static_cast<size_t>(response.api_keys_size()) == page->limit) {
      response.set_next_page_token(
          wire::MakePageToken(prefix, response.api_keys().rbegin()->name()));
      break;
    }
    *response.add_api_keys() = ToMessage(*key);
  }
  return response;
}

absl::StatusOr<v1::ApiKey> ApiKeys::Revoke(const v1::RevokeApiKeyRequest& request) {
  if (absl::Status form = wire::CheckApiKeyName(request.name()); !form.ok()) return form;
  return RetryConflicts([&]() -> absl::StatusOr<v1::ApiKey> {
    auto key = LoadApiKey(parts_.records, request.name());
    if (!key.ok()) return key.status();
    if (key->data.has_revoke_time()) return ToMessage(*key);
    wire::EncodeTime(parts_.clock.Now(), key->data.mutable_revoke_time());
    return Commit(parts_.records, *key, {Put(kApiKeyKind, key->name, key->data, key->version)});
  });
}

}  // namespace livecounter::admin
