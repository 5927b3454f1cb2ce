#include "services/admin/products.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/admin/checks.h"
#include "services/admin/children.h"
#include "services/admin/product_fields.h"
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
using storage::v1::ChildrenRecord;
using storage::v1::ProductRecord;
using storage::v1::PurgeRecord;

// Of an account: what one customer may take of everybody's memory.
constexpr int64_t kMaxProducts = 10'000;
// A page ends with the product that brings it over this: with all its origins one has 30 KB, and one message
// of gRPC takes 4 MiB.
constexpr size_t kMaxPageBytes = size_t{1} << 20;
// The parent that means all accounts.
constexpr absl::string_view kAllAccounts = "accounts/-";

absl::Status Check(const v1::CreateProductRequest& request) {
  absl::Status form = wire::CheckAccountName(request.parent());
  if (form.ok()) form = CheckNewId("product_id", request.product_id());
  if (form.ok()) form = CheckProductFields(request.product());
  if (form.ok()) form = CheckRequestId(request.request_id());
  return form;
}

absl::StatusOr<Product> LoadProduct(Records& records, const std::string& name) {
  auto product = Load<ProductRecord>(records, kProductKind, name);
  if (!product.ok()) return product.status();
  if (!*product) return runtime::NoSuch("product", name);
  return **std::move(product);
}

// All that a creator may choose; verification comes later.
std::vector<absl::string_view> FieldsOfCreate() {
  std::vector<absl::string_view> fields;
  for (absl::string_view field : ProductFields()) {
    if (!absl::StartsWith(field, "verification.")) fields.push_back(field);
  }
  return fields;
}

absl::Status CheckRoom(const Children& products) {
  if (products.data.count() < kMaxProducts) return absl::OkStatus();
  return runtime::WithReason(
      absl::ResourceExhaustedError(absl::StrCat(products.name, " has ", kMaxProducts,
                                                " products, the most an account may have")),
      "TOO_MANY_PRODUCTS");
}

}  // namespace

Product Products::Make(std::string name, const v1::Product& fields, const CatalogParts& parts) {
  Product product;
  product.name = std::move(name);
  ApplyProductFields(fields, FieldsOfCreate(), &product.data).IgnoreError();  // verification's only
  product.data.set_signing_secret(MakeSecret(parts.random));
  product.data.set_presence_secret(MakeSecret(parts.random));
  product.data.set_life(parts.random.Uint64());
  wire::EncodeTime(parts.clock.Now(), product.data.mutable_create_time());
  return product;
}

absl::StatusOr<v1::Product> Products::Create(const runtime::Principal& caller,
                                             const v1::CreateProductRequest& request) {
  if (absl::Status form = Check(request); !form.ok()) return form;
  const RepeatableCall call(caller, request.request_id(), request);
  return RetryConflicts([&] { return TryCreate(call, request); });
}

absl::StatusOr<v1::Product> Products::TryCreate(const RepeatableCall& call,
                                                const v1::CreateProductRequest& request) {
  const absl::StatusOr<std::string> made = call.FindMade(parts_.records);
  if (!made.ok()) return made.status();
  if (!made->empty()) {
    const auto product = LoadProduct(parts_.records, *made);
    if (!product.ok()) return product.status();
    return ToMessage(*product);
  }
  const auto siblings = LoadChildren(parts_.records, "account", request.parent());
  if (!siblings.ok()) return siblings.status();
  if (absl::Status room = CheckRoom(*siblings); !room.ok()) return room;
  const std::string& id = request.product_id();
  Product product = Make(
      absl::StrCat(request.parent(), "/products/", id.empty() ? MakeResourceId(parts_.random) : id),
      request.product(), parts_);
  const auto taken = parts_.records.Find(RecordKey(kProductKind, product.name));
  if (!taken.ok()) return taken.status();
  if (*taken) {
    return runtime::WithReason(absl::AlreadyExistsError(absl::StrCat(
                                   product.name, " exists already; take another product_id")),
                               "PRODUCT_EXISTS", {{"resource", product.name}});
  }
  if (request.validate_only()) return ToMessage(product);
  // One of the same name may have left counters.
  if (absl::Status purged = FinishDeletion(product.name); !purged.ok()) return purged;

  Writes writes = {Put(kProductKind, product.name, product.data, 0),
                   Put(kChildrenKind, product.name, ChildrenRecord(), 0)};
  AddCount(*siblings, +1, &writes);
  call.AddRecord(product.name, parts_.clock.Now(), &writes);
  return Commit(std::move(product), std::move(writes));
}

absl::StatusOr<v1::Product> Products::Get(const v1::GetProductRequest& request) const {
  if (absl::Status form = wire::CheckProductName(request.name()); !form.ok()) return form;
  const std::shared_ptr<const Product> product = parts_.catalog.FindProduct(request.name());
  if (product == nullptr) return runtime::NoSuch("product", request.name());
  return ToMessage(*product);
}

absl::StatusOr<v1::ListProductsResponse> Products::List(
    const v1::ListProductsRequest& request) const {
  const bool all = request.parent() == kAllAccounts;
  if (!all) {
    if (absl::Status form = wire::CheckAccountName(request.parent()); !form.ok()) return form;
    if (parts_.catalog.FindAccount(request.parent()) == nullptr) {
      return runtime::NoSuch("account", request.parent());
    }
  }
  const std::string prefix = all ? "accounts/" : absl::StrCat(request.parent(), "/products/");
  const auto page = CheckPage(prefix, request.page_size(), request.page_token());
  if (!page.ok()) return page.status();
  v1::ListProductsResponse response;
  size_t bytes = 0;
  for (const auto& product : parts_.catalog.ListProducts(prefix, page->after, page->limit + 1)) {
    if (static_cast<size_t>(response.products_size()) == page->limit || bytes > kMaxPageBytes) {
      response.set_next_page_token(
          wire::MakePageToken(prefix, response.products().rbegin()->name()));
      break;
    }
    *response.add_products() = ToMessage(*product);
    bytes += response.products().rbegin()->ByteSizeLong();
  }
  return response;
}

absl::StatusOr<v1::Product> Products::Update(const v1::UpdateProductRequest& request) {
  const v1::Product& wanted = request.product();
  if (absl::Status form = wire::CheckProductName(wanted.name()); !form.ok()) return form;
  const auto fields = CheckMask(request.update_mask(), wanted, ProductFields());
  if (!fields.ok()) return fields.status();
  if (absl::Status form = CheckProductFields(Only(*fields, wanted)); !form.ok()) return form;
  return RetryConflicts([&]() -> absl::StatusOr<v1::Product> {
    auto product = LoadProduct(parts_.records, wanted.name());
    if (!product.ok()) return product.status();
    absl::Status may = CheckEtag(wanted.etag(), product->version);
    if (may.ok()) may = ApplyProductFields(wanted, *fields, &product->data);
    if (!may.ok()) return may;
    if (request.validate_only()) return ToMessage(*product);
    Writes writes = {Put(kProductKind, product->name, product->data, product->version)};
    return Commit(*std::move(product), std::move(writes));
  });
}

absl::Status Products::Delete(const v1::DeleteProductRequest& request) {
  if (absl::Status form = wire::CheckProductName(request.name()); !form.ok()) return form;
  const auto deleted = RetryConflicts([&] { return TryDelete(request); });
  if (!deleted.ok() || request.validate_only()) return deleted.status();
  return FinishDeletion(request.name());
}

absl::StatusOr<uint64_t> Products::TryDelete(const v1::DeleteProductRequest& request) {
  const auto product = LoadProduct(parts_.records, request.name());
  if (!product.ok()) return product.status();
  if (absl::Status etag = CheckEtag(request.etag(), product->version); !etag.ok()) return etag;
  if (request.validate_only()) return product->version;
  const auto siblings =
      LoadChildren(parts_.records, "account", std::string(wire::AccountOf(request.name())));
  if (!siblings.ok()) return siblings.status();
  const auto children = LoadChildren(parts_.records, "product", request.name());
  if (!children.ok()) return children.status();
  const auto keys =
      parts_.records.List(RecordKey(kApiKeyKind, absl::StrCat(request.name(), "/keys/")));
  if (!keys.ok()) return keys.status();

  Writes writes = {Remove(kProductKind, product->name, product->version),
                   Remove(kChildrenKind, children->name, children->version)};
  AddCount(*siblings, -1, &writes);
  for (const counter::Record& key : *keys) {
    writes.push_back({.key = key.key, .expected_version = key.version});
    ApiKeyRecord record;
    record.ParseFromString(key.value);
    writes.push_back({.key = RecordKey(kKeyStringKind, record.key())});
  }
  writes.push_back(
      {.key = RecordKey(kPurgeKind, product->name), .value = PurgeRecord().SerializeAsString()});
  return parts_.records.Write(std::move(writes));
}

absl::StatusOr<v1::Product> Products::SaveEndpoint(const std::string& name,
                                                   const std::string& endpoint_uri, bool enabled) {
  return RetryConflicts([&]() -> absl::StatusOr<v1::Product> {
    auto product = LoadProduct(parts_.records, name);
    if (!product.ok()) return product.status();
    product->data.set_endpoint_uri(endpoint_uri);
    product->data.set_verification_enabled(enabled);
    Writes writes = {Put(kProductKind, name, product->data, product->version)};
    return Commit(*std::move(product), std::move(writes));
  });
}

absl::Status Products::DeleteAll(const std::string& account) {
  const auto products =
      parts_.records.List(RecordKey(kProductKind, absl::StrCat(account, "/products/")));
  if (!products.ok()) return products.status();
  for (const counter::Record& product : *products) {
    v1::DeleteProductRequest request;
    request.set_name(product.key.substr(kProductKind.size()));
    absl::Status deleted = Delete(request);
    if (!deleted.ok() && !absl::IsNotFound(deleted)) return deleted;
  }
  return absl::OkStatus();
}

absl::Status Products::FinishDeletions() {
  const auto purges = parts_.records.List(std::string(kPurgeKind));
  if (!purges.ok()) return purges.status();
  for (const counter::Record& purge : *purges) {
    absl::Status finished = FinishDeletion(purge.key.substr(kPurgeKind.size()));
    if (!finished.ok()) return finished;
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Product> Products::Commit(Product product, Writes writes) {
  const absl::StatusOr<uint64_t> version = parts_.records.Write(std::move(writes));
  if (!version.ok()) return version.status();
  product.version = *version;
  return ToMessage(product);
}

absl::Status Products::FinishDeletion(const std::string& product) {
  const auto purge = parts_.records.Find(RecordKey(kPurgeKind, product));
  if (!purge.ok()) return purge.status();
  if (!*purge) return absl::OkStatus();
  if (absl::Status purged = purge_(product); !purged.ok()) return purged;
  const auto written = parts_.records.Write({Remove(kPurgeKind, product, (*purge)->version)});
  // Somebody else has finished it.
  return IsConflict(written.status()) ? absl::OkStatus() : written.status();
}

}  // namespace livecounter::admin
