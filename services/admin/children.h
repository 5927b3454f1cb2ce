// How many children a resource has: written whenever one comes or goes, so that a parent that is deleted
// and a child that is created meanwhile cannot both succeed.

#ifndef LIVECOUNTER_SERVICES_ADMIN_CHILDREN_H_
#define LIVECOUNTER_SERVICES_ADMIN_CHILDREN_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "livecounter/storage/v1/records.pb.h"
#include "services/admin/record_access.h"

namespace livecounter::admin {

using Children = Resource<storage::v1::ChildrenRecord>;

// Those of an account or a product; NOT_FOUND, with `what` it is, where there is none of that name.
absl::StatusOr<Children> LoadChildren(Records& records, absl::string_view what,
                                      absl::string_view parent);

// Adds a write of `children` with `by` more or fewer.
void AddCount(const Children& children, int64_t by, std::vector<counter::RecordWrite>* writes);

}  // namespace livecounter::admin

#endif  // LIVECOUNTER_SERVICES_ADMIN_CHILDREN_H_
