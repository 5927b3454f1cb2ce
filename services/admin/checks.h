// The forms of what requests carry. Errors are INVALID_ARGUMENT and say which field it is, what it got and
// what it takes. Pure; any thread.

#ifndef LIVECOUNTER_SERVICES_ADMIN_CHECKS_H_
#define LIVECOUNTER_SERVICES_ADMIN_CHECKS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/message.h"
#include "google/protobuf/util/field_mask_util.h"

namespace livecounter::admin {

// "<field>: got <got>; it takes <takes>".
absl::Status Wrong(absl::string_view field, absl::string_view got, absl::string_view takes);

// An id that its creator chose; "" is fine, one is made up.
absl::Status CheckNewId(absl::string_view field, absl::string_view id);
// Up to 128 characters of UTF-8 without control characters.
absl::Status CheckDisplayName(absl::string_view field, absl::string_view name);
// One `@` with something around it, 3 to 254 printable ASCII characters without blanks.
absl::Status CheckEmail(absl::string_view field, absl::string_view email);
// What the uniqueness of e-mails is about.
std::string EmailKey(absl::string_view email);
// 10 to 256 bytes.
absl::Status CheckPassword(absl::string_view field, absl::string_view password);
// `http://` or `https://`, a host, up to 2,048 printable ASCII characters, no user, no fragment.
absl::Status CheckEndpointUri(absl::string_view field, absl::string_view uri);
// Up to 255 bytes.
absl::Status CheckRequestId(absl::string_view id);

// Of the version of a resource's record; "" for 0, what is not written.
std::string Etag(uint64_t version);
// ABORTED unless `etag` is "" or that of `version`.
absl::Status CheckEtag(absl::string_view etag, uint64_t version);

// A page of a list: after which name it begins, and how many names it has.
struct PageRequest {
  std::string after;
  size_t limit = 0;
};
// `prefix` is what all names of the list begin with: a token of another list is refused.
absl::StatusOr<PageRequest> CheckPage(absl::string_view prefix, int32_t page_size,
                                      absl::string_view page_token);

// Those of `changeable`, dotted paths of single fields, that `mask` means for an update to `wanted`: a path
// means itself and all below it, `*` all of them; no path at all those that are populated in `wanted`
// (AIP-134), a message within it as a whole. Refuses paths that mean none.
absl::StatusOr<std::vector<absl::string_view>> CheckMask(
    const google::protobuf::FieldMask& mask, const google::protobuf::Message& wanted,
    const std::vector<absl::string_view>& changeable);

// `message` with nothing but the fields at `paths`.
template <typename Message>
Message Only(const std::vector<absl::string_view>& paths, Message message) {
  google::protobuf::FieldMask mask;
  for (const absl::string_view path : paths) mask.add_paths(std::string(path));
  google::protobuf::util::FieldMaskUtil::TrimMessage(mask, &message);
  return message;
}

}  // namespace livecounter::admin

#endif  // LIVECOUNTER_SERVICES_ADMIN_CHECKS_H_
