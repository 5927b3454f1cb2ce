// Records as messages: reads one resource, makes the writes of others. Threads and errors as in records.h.

#ifndef LIVECOUNTER_SERVICES_ADMIN_RECORD_ACCESS_H_
#define LIVECOUNTER_SERVICES_ADMIN_RECORD_ACCESS_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "services/admin/record_keys.h"
#include "services/admin/records.h"

namespace livecounter::admin {

// A resource: its name, what is stored of it, and the version of the write that did.
template <typename Message>
struct Resource {
  std::string name;
  Message data;
  uint64_t version = 0;
};

// The record `kind`+`name`, as it is in the store now; nothing where there is none. DATA_LOSS where it is
// no Message.
template <typename Message>
absl::StatusOr<absl::optional<Resource<Message>>> Load(Records& records, absl::string_view kind,
                                                       absl::string_view name) {
  absl::StatusOr<absl::optional<counter::Record>> record = records.Find(RecordKey(kind, name));
  if (!record.ok()) return record.status();
  if (!*record) return absl::optional<Resource<Message>>();
  Resource<Message> resource{std::string(name), {}, (*record)->version};
  if (!resource.data.ParseFromString((*record)->value)) {
    return absl::DataLossError(absl::StrCat("the record ", (*record)->key,
                                            " cannot be read; restore the store from a backup"));
  }
  return absl::optional<Resource<Message>>(std::move(resource));
}

// Writes over the version that was read; 0: only where there is none.
template <typename Message>
counter::RecordWrite Put(absl::string_view kind, absl::string_view name, const Message& message,
                         uint64_t expected_version, absl::Time expire_at = absl::InfiniteFuture()) {
  return {RecordKey(kind, name), message.SerializeAsString(), expected_version, expire_at};
}

// Deletes the version that was read.
inline counter::RecordWrite Remove(absl::string_view kind, absl::string_view name,
                                   uint64_t expected_version) {
  return {.key = RecordKey(kind, name), .expected_version = expected_version};
}

}  // namespace livecounter::admin

#endif  // LIVECOUNTER_SERVICES_ADMIN_RECORD_ACCESS_H_
