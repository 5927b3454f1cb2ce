// The fields of a product that its owner may choose: their forms, their defaults, and how an update takes
// over some of them. Pure; any thread.

#ifndef LIVECOUNTER_SERVICES_ADMIN_PRODUCT_FIELDS_H_
#define LIVECOUNTER_SERVICES_ADMIN_PRODUCT_FIELDS_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "livecounter/storage/v1/records.pb.h"
#include "livecounter/v1/admin_service.pb.h"

namespace livecounter::admin {

// Dotted paths, as masks have them.
const std::vector<absl::string_view>& ProductFields();

// Whether every field has its form. INVALID_ARGUMENT names the one that has not, what it got and takes.
absl::Status CheckProductFields(const v1::Product& product);

// Takes over `fields` of `from`, whose form was checked; what is absent there gets its default.
// FAILED_PRECONDITION for enabling verification without an endpoint; INVALID_ARGUMENT for another endpoint
// than the saved one.
absl::Status ApplyProductFields(const v1::Product& from,
                                const std::vector<absl::string_view>& fields,
                                storage::v1::ProductRecord* to);

}  // namespace livecounter::admin

#endif  // LIVECOUNTER_SERVICES_ADMIN_PRODUCT_FIELDS_H_
