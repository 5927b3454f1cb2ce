#include "services/admin/checks.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "core/check.h"
#include "services/runtime/grpc_status.h"
#include "wire/names.h"
#include "wire/page_token.h"
#include "wire/utf8.h"

namespace livecounter::admin {
namespace {

constexpr size_t kMaxDisplayNameCharacters = 128;
constexpr size_t kMinEmailBytes = 3;
constexpr size_t kMaxEmailBytes = 254;
constexpr size_t kMinPasswordBytes = 10;
constexpr size_t kMaxPasswordBytes = 256;
constexpr size_t kMaxUriBytes = 2048;
constexpr size_t kMaxRequestIdBytes = 255;
constexpr int kDefaultPageSize = 100;
constexpr int kMaxPageSize = 1'000;

std::string Quoted(absl::string_view text) {
  constexpr size_t kShown = 80;
  return absl::StrCat("\"", absl::CHexEscape(text.substr(0, kShown)),
                      text.size() > kShown ? "…\"" : "\"");
}

// In UTF-8 every character has one byte that does not continue another.
size_t CountCharacters(absl::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
}

bool IsPrintable(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), absl::ascii_isgraph);
}

// What stands between the scheme and the path; "" where there is no such thing.
absl::string_view AuthorityOf(absl::string_view uri) {
  if (!absl::ConsumePrefix(&uri, "https://") && !absl::ConsumePrefix(&uri, "http://")) return "";
  return uri.substr(0, uri.find_first_of("/?#"));
}

bool Means(absl::string_view path, absl::string_view field) {
  return path == "*" ||
         (absl::ConsumePrefix(&field, path) && (field.empty() || absl::StartsWith(field, ".")));
}

// Whether the field that `path` begins with is given: a message that is there at all, anything else that
// is not empty, zero or false.
bool IsPopulated(const google::protobuf::Message& message, absl::string_view path) {
  const google::protobuf::FieldDescriptor* field =
      message.GetDescriptor()->FindFieldByName(std::string(path.substr(0, path.find('.'))));
  CheckInvariant(field != nullptr, "what may be changed is a field");
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  // NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): the invariant's check has ended a null pointer's way
  return field->is_repeated() ? reflection.FieldSize(message, field) > 0
                              : reflection.HasField(message, field);
}

}  // namespace

absl::Status Wrong(absl::string_view field, absl::string_view got, absl::string_view takes) {
  return runtime::WithReason(
      absl::InvalidArgumentError(absl::StrCat(field, ": got ", got, "; it takes ", takes)),
      "FIELD_INVALID", {{"field", field}});
}

absl::Status CheckNewId(absl::string_view field, absl::string_view id) {
  if (id.empty()) return absl::OkStatus();
  // In a parent `-` stands for all.
  if (id == "-") return Wrong(field, "\"-\"", "an id that is not \"-\" alone");
  absl::Status form = wire::CheckResourceId(id);
  if (form.ok()) return form;
  return absl::InvalidArgumentError(
      absl::StrCat(field, ": ", form.message(), ", or nothing, and one is made up"));
}

absl::Status CheckDisplayName(absl::string_view field, absl::string_view name) {
  if (wire::IsUtf8(name) && CountCharacters(name) <= kMaxDisplayNameCharacters &&
      std::none_of(name.begin(), name.end(), absl::ascii_iscntrl)) {
    return absl::OkStatus();
  }
  return Wrong(field, Quoted(name),
               absl::StrCat("up to ", kMaxDisplayNameCharacters,
                            " characters of UTF-8 without control characters"));
}

absl::Status CheckEmail(absl::string_view field, absl::string_view email) {
  const size_t at = email.find('@');
  if (email.size() >= kMinEmailBytes && email.size() <= kMaxEmailBytes && IsPrintable(email) &&
      at != absl::string_view::npos && at > 0 && at + 1 < email.size() &&
      email.find('@', at + 1) == absl::string_view::npos) {
    return absl::OkStatus();
  }
  return Wrong(field, Quoted(email),
               "an address such as ann@shop.example, 3 to 254 printable ASCII characters");
}

std::string EmailKey(absl::string_view email) { return absl::AsciiStrToLower(email); }

absl::Status CheckPassword(absl::string_view field, absl::string_view password) {
  if (password.size() >= kMinPasswordBytes && password.size() <= kMaxPasswordBytes) {
    return absl::OkStatus();
  }
  return Wrong(field, absl::StrCat(password.size(), " bytes"), "10 to 256 bytes");
}

absl::Status CheckEndpointUri(absl::string_view field, absl::string_view uri) {
  const absl::string_view authority = AuthorityOf(uri);
  if (uri.size() <= kMaxUriBytes && IsPrintable(uri) && !authority.empty() &&
      authority.front() != ':' && !absl::StrContains(authority, '@') &&
      !absl::StrContains(uri, '#')) {
    return absl::OkStatus();
  }
  return Wrong(field, Quoted(uri),
               "https://host/path or http://host/path of up to 2,048 printable ASCII characters, "
               "without a user or a fragment");
}

absl::Status CheckRequestId(absl::string_view id) {
  if (id.size() <= kMaxRequestIdBytes) return absl::OkStatus();
  return Wrong("request_id", absl::StrCat(id.size(), " bytes"),
               "up to 255 bytes, or nothing where every call counts");
}

std::string Etag(uint64_t version) { return version == 0 ? "" : absl::StrCat(absl::Hex(version)); }

absl::Status CheckEtag(absl::string_view etag, uint64_t version) {
  if (etag.empty() || etag == Etag(version)) return absl::OkStatus();
  return runtime::WithReason(absl::AbortedError(absl::StrCat(
                                 "etag: got ", Quoted(etag), ", which is not the current \"",
                                 Etag(version), "\"; read the resource again, and decide again")),
                             "ETAG_MISMATCH");
}

absl::StatusOr<PageRequest> CheckPage(absl::string_view prefix, int32_t page_size,
                                      absl::string_view page_token) {
  if (page_size < 0) {
    return Wrong("page_size", absl::StrCat(page_size), "1 to 1,000, or 0 for the default of 100");
  }
  PageRequest page;
  page.limit = std::min(page_size == 0 ? kDefaultPageSize : page_size, kMaxPageSize);
  if (page_token.empty()) return page;
  if (auto after = wire::ReadPageToken(prefix, page_token)) {
    page.after = *std::move(after);
    return page;
  }
  return Wrong("page_token", Quoted(page_token),
               "what next_page_token of the page before said, for the same parent");
}

absl::StatusOr<std::vector<absl::string_view>> CheckMask(
    const google::protobuf::FieldMask& mask, const google::protobuf::Message& wanted,
    const std::vector<absl::string_view>& changeable) {
  std::vector<absl::string_view> meant;
  if (mask.paths().empty()) {
    std::copy_if(changeable.begin(), changeable.end(), std::back_inserter(meant),
                 [&](absl::string_view field) { return IsPopulated(wanted, field); });
    return meant;
  }
  for (const std::string& path : mask.paths()) {
    const size_t before = meant.size();
    std::copy_if(changeable.begin(), changeable.end(), std::back_inserter(meant),
                 [&](absl::string_view field) { return Means(path, field); });
    if (meant.size() > before) continue;
    return Wrong("update_mask", Quoted(path),
                 absl::StrCat("fields that can be changed here: ", absl::StrJoin(changeable, ", "),
                              ", or * for all of them"));
  }
  return meant;
}

}  // namespace livecounter::admin
