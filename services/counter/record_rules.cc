#include "services/counter/record_rules.h"

#include "absl/container/flat_hash_set.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace livecounter::counter {

absl::Status CheckRecordKey(absl::string_view key) {
  if (!key.empty() && key.size() <= kMaxRecordKeyBytes) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("the key of a record has ", key.size(),
                                                 " bytes; it takes 1 to ", kMaxRecordKeyBytes));
}

absl::Status CheckRecordWrites(const std::vector<RecordWrite>& writes) {
  if (writes.empty()) {
    return absl::InvalidArgumentError("a write of no records; it takes one or more");
  }
  absl::flat_hash_set<absl::string_view> keys;
  for (const RecordWrite& write : writes) {
    if (absl::Status status = CheckRecordKey(write.key); !status.ok()) return status;
    if (write.value && write.value->size() > kMaxRecordValueBytes) {
      return absl::InvalidArgumentError(
          absl::StrCat("the record ", absl::CHexEscape(write.key), " has a value of ",
                       write.value->size(), " bytes; it takes up to ", kMaxRecordValueBytes));
    }
    if (!keys.insert(write.key).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("the record ", absl::CHexEscape(write.key),
                       " is named twice in one write; it takes each record once"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckRecordLimit(int limit) {
  if (limit >= 1) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("a list of at most ", limit, " records; it takes a limit of 1 or more"));
}

absl::Status CheckExpectedVersion(const RecordWrite& write, uint64_t version) {
  if (!write.expected_version || *write.expected_version == version) return absl::OkStatus();
  return absl::AbortedError(absl::StrCat(
      "the record ", absl::CHexEscape(write.key), " has version ", version, ", not ",
      *write.expected_version, ": it was written meanwhile; read it again and try once more"));
}

bool LeavesARecord(const RecordWrite& write, absl::Time now) {
  return write.value && write.expire_at > now;
}

absl::Status NoSuchRecord(absl::string_view key) {
  return absl::NotFoundError(absl::StrCat("there is no record ", absl::CHexEscape(key)));
}

}  // namespace livecounter::counter
