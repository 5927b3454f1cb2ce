#include "services/admin/request_log.h"

#include "absl/strings/str_cat.h"
#include "livecounter/storage/v1/records.pb.h"
#include "services/admin/record_access.h"
#include "services/admin/secrets.h"
#include "services/runtime/grpc_status.h"

namespace livecounter::admin {
namespace {

constexpr absl::Duration kKept = absl::Hours(24);

}  // namespace

RepeatableCall::RepeatableCall(const runtime::Principal& caller, absl::string_view request_id,
                               const google::protobuf::Message& request) {
  if (request_id.empty()) return;
  key_ = HashHex(absl::StrCat(caller.account, "\n", request_id));
  fingerprint_ = HashHex(absl::StrCat(request.GetTypeName(), "\n", request.SerializeAsString()));
}

absl::StatusOr<std::string> RepeatableCall::FindMade(Records& records) const {
  if (key_.empty()) return "";
  const auto known = Load<storage::v1::RequestRecord>(records, kRequestKind, key_);
  if (!known.ok()) return known.status();
  if (!*known) return "";
  if ((*known)->data.fingerprint() == fingerprint_) return (*known)->data.made();
  return runtime::WithReason(
      absl::InvalidArgumentError("request_id: it was used for another request within 24 hours; a "
                                 "new request takes a new id"),
      "REQUEST_ID_REUSED");
}

void RepeatableCall::AddRecord(absl::string_view made, absl::Time now,
                               std::vector<counter::RecordWrite>* writes) const {
  if (key_.empty()) return;
  storage::v1::RequestRecord record;
  record.set_fingerprint(fingerprint_);
  record.set_made(std::string(made));
  writes->push_back(Put(kRequestKind, key_, record, /*expected_version=*/0, now + kKept));
}

}  // namespace livecounter::admin
