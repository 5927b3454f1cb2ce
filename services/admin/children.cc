#include "services/admin/children.h"

#include "services/runtime/principal.h"

namespace livecounter::admin {

absl::StatusOr<Children> LoadChildren(Records& records, absl::string_view what,
                                      absl::string_view parent) {
  auto children = Load<storage::v1::ChildrenRecord>(records, kChildrenKind, parent);
  if (!children.ok()) return children.status();
  if (!*children) return runtime::NoSuch(what, parent);
  return **std::move(children);
}

void AddCount(const Children& children, int64_t by, std::vector<counter::RecordWrite>* writes) {
  storage::v1::ChildrenRecord count;
  count.set_count(children.data.count() + by);
  writes->push_back(Put(kChildrenKind, children.name, count, children.version));
}

}  // namespace livecounter::admin
