#include "services/admin/product_fields.h"

#include <cmath>
#include <functional>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "services/admin/checks.h"
#include "services/runtime/grpc_status.h"
#include "wire/field.h"
#include "wire/origin.h"

namespace livecounter::admin {
namespace {

using storage::v1::ProductRecord;
using DurationMessage = google::protobuf::Duration;

// As a product: an origin is at most 300 bytes, and a record 64 KiB.
constexpr int kMaxOrigins = 100;

constexpr absl::Duration kDefaultUpdateInterval = absl::Milliseconds(100);
constexpr absl::Duration kDefaultCleanGrace = absl::Seconds(1);
constexpr absl::Duration kDefaultLostGrace = absl::Seconds(10);

void TakeDuration(bool has, const DurationMessage& from, absl::Duration otherwise,
                  DurationMessage* to) {
  if (has) {
    *to = from;
  } else {
    wire::EncodeDuration(otherwise, to);
  }
}

absl::Status TakeVerification(const v1::Product& from, ProductRecord* to) {
  const std::string& endpoint = from.verification().endpoint_uri();
  if (!endpoint.empty() && endpoint != to->endpoint_uri()) {
    return Wrong("product.verification.endpoint_uri", absl::StrCat("\"", endpoint, "\""),
                 "the saved one, or nothing; SaveVerification tests an endpoint and saves it");
  }
  if (from.verification().enabled() && to->endpoint_uri().empty()) {
    return runtime::WithReason(
        absl::FailedPreconditionError("product.verification.enabled: there is no endpoint yet; "
                                      "SaveVerification tests one, saves it and enables it"),
        "NO_VERIFICATION_ENDPOINT");
  }
  to->set_verification_enabled(from.verification().enabled());
  return absl::OkStatus();
}

using Take = std::function<absl::Status(const v1::Product&, ProductRecord*)>;

// A field that cannot be refused any more.
template <typename Set>
Take Taking(Set set) {
  return [set](const v1::Product& from, ProductRecord* to) {
    set(from, to);
    return absl::OkStatus();
  };
}

const std::vector<std::pair<absl::string_view, Take>>& Table() {
  using P = const v1::Product&;
  using R = ProductRecord*;
  static const auto* const table = new std::vector<std::pair<absl::string_view, Take>>{
      {"display_name", Taking([](P from, R to) { to->set_display_name(from.display_name()); })},
      {"allowed_origins",
       Taking([](P from, R to) { *to->mutable_allowed_origins() = from.allowed_origins(); })},
      {"auto_create_counters",
       Taking([](P from, R to) { to->set_auto_create_counters(from.auto_create_counters()); })},
      {"min_update_interval", Taking([](P from, R to) {
         TakeDuration(from.has_min_update_interval(), from.min_update_interval(),
                      kDefaultUpdateInterval, to->mutable_min_update_interval());
       })},
      {"clean_leave_grace", Taking([](P from, R to) {
         TakeDuration(from.has_clean_leave_grace(), from.clean_leave_grace(), kDefaultCleanGrace,
                      to->mutable_clean_leave_grace());
       })},
      {"lost_leave_grace", Taking([](P from, R to) {
         TakeDuration(from.has_lost_leave_grace(), from.lost_leave_grace(), kDefaultLostGrace,
                      to->mutable_lost_leave_grace());
       })},
      {"limits.max_connections",
       Taking([](P from, R to) { to->set_max_connections(from.limits().max_connections()); })},
      {"limits.max_connections_per_ip", Taking([](P from, R to) {
         to->set_max_connections_per_ip(from.limits().max_connections_per_ip());
       })},
      {"limits.max_posts_per_second", Taking([](P from, R to) {
         to->set_max_posts_per_second(from.limits().max_posts_per_second());
       })},
      {"verification.enabled", TakeVerification},
  };
  return *table;
}

absl::Status CheckOrigins(const v1::Product& product) {
  if (product.allowed_origins_size() > kMaxOrigins) {
    return Wrong("product.allowed_origins",
                 absl::StrCat(product.allowed_origins_size(), " origins"),
                 absl::StrCat("up to ", kMaxOrigins));
  }
  for (int i = 0; i < product.allowed_origins_size(); ++i) {
    const absl::Status form = wire::CheckOriginEntry(product.allowed_origins(i));
    if (form.ok()) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("product.allowed_origins[", i, "]: ", form.message()));
  }
  return absl::OkStatus();
}

absl::Status CheckDurations(const v1::Product& product) {
  absl::Status status;
  const wire::Field field(&status, "product");
  if (product.has_min_update_interval()) {
    field["min_update_interval"].Duration(absl::Milliseconds(10), absl::Seconds(60),
                                          product.min_update_interval());
  }
  field["clean_leave_grace"].Duration(absl::ZeroDuration(), absl::Seconds(60),
                                      product.clean_leave_grace());
  field["lost_leave_grace"].Duration(absl::ZeroDuration(), absl::Seconds(300),
                                     product.lost_leave_grace());
  return status;
}

absl::Status CheckLimits(const v1::Product::Limits& limits) {
  absl::Status status;
  const wire::Field product(&status, "product");
  const wire::Field field = product["limits"];
  field["max_connections"].AtLeast(0, limits.max_connections());
  field["max_connections_per_ip"].AtLeast(0, limits.max_connections_per_ip());
  const double posts = limits.max_posts_per_second();
  if (!std::isfinite(posts) || posts < 0) {
    field["max_posts_per_second"].Wrong(absl::StrCat(posts), "0 or more");
  }
  return status;
}

}  // namespace

const std::vector<absl::string_view>& ProductFields() {
  static const auto* const fields = [] {
    auto* names = new std::vector<absl::string_view>;
    for (const auto& [name, take] : Table()) names->push_back(name);
    return names;
  }();
  return *fields;
}

absl::Status CheckProductFields(const v1::Product& product) {
  absl::Status form = CheckDisplayName("product.display_name", product.display_name());
  if (form.ok()) form = CheckOrigins(product);
  if (form.ok()) form = CheckDurations(product);
  if (form.ok()) form = CheckLimits(product.limits());
  return form;
}

absl::Status ApplyProductFields(const v1::Product& from,
                                const std::vector<absl::string_view>& fields, ProductRecord* to) {
  for (const auto& [name, take] : Table()) {
    if (!absl::c_linear_search(fields, name)) continue;
    if (absl::Status taken = take(from, to); !taken.ok()) return taken;
  }
  return absl::OkStatus();
}

}  // namespace livecounter::admin
