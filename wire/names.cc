#include "wire/names.h"

#include <initializer_list>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "wire/percent.h"
#include "wire/utf8.h"

namespace livecounter::wire {
namespace {

constexpr size_t kMaxResourceIdBytes = 64;
constexpr absl::string_view kIdForm = "1 to 64 letters, digits, '-', '_', '.' or '~'";

// What was sent, short and printable.
std::string Quoted(absl::string_view text) {
  constexpr size_t kShown = 80;
  return absl::StrCat("\"", absl::CHexEscape(text.substr(0, kShown)),
                      text.size() > kShown ? "…\"" : "\"");
}

bool IsResourceId(absl::string_view id) {
  if (id.empty() || id.size() > kMaxResourceIdBytes) return false;
  for (char c : id) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '_' && c != '.' &&
        c != '~') {
      return false;
    }
  }
  return true;
}

// Whether `segments` are `collections`, each followed by an id.
bool AreNames(const std::vector<absl::string_view>& segments,
              std::initializer_list<absl::string_view> collections) {
  if (segments.size() != 2 * collections.size()) return false;
  size_t i = 0;
  for (absl::string_view collection : collections) {
    if (segments[i] != collection || !IsResourceId(segments[i + 1])) return false;
    i += 2;
  }
  return true;
}

bool IsProductName(const std::vector<absl::string_view>& segments) {
  return AreNames(segments, {"accounts", "products"});
}

absl::Status NoName(absl::string_view what, absl::string_view name, absl::string_view form) {
  return absl::InvalidArgumentError(
      absl::StrCat(what, " name: got ", Quoted(name), "; it takes ", form, ", each id ", kIdForm));
}

// `name` up to, and without, its `count`th slash; all of it where it has fewer.
absl::string_view FirstSegments(absl::string_view name, int count) {
  size_t end = 0;
  for (; end < name.size(); ++end) {
    if (name[end] == '/' && --count == 0) break;
  }
  return name.substr(0, end);
}

absl::Status CheckText(absl::string_view id, size_t max_bytes) {
  if (id.empty() || id.size() > max_bytes || !IsUtf8(id)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "counter id: got ", Quoted(id),
        IsUtf8(id) ? absl::StrCat(" of ", id.size(), " bytes") : ", which is not UTF-8",
        "; it takes 1 to ", max_bytes, " bytes of UTF-8"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckResourceId(absl::string_view id) {
  if (IsResourceId(id)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("got ", Quoted(id), "; it takes ", kIdForm));
}

absl::Status CheckAccountName(absl::string_view name) {
  if (AreNames(absl::StrSplit(name, '/'), {"accounts"})) return absl::OkStatus();
  return NoName("account", name, "accounts/{account}");
}

absl::Status CheckProductName(absl::string_view name) {
  if (IsProductName(absl::StrSplit(name, '/'))) return absl::OkStatus();
  return NoName("product", name, "accounts/{account}/products/{product}");
}

absl::Status CheckApiKeyName(absl::string_view name) {
  if (AreNames(absl::StrSplit(name, '/'), {"accounts", "products", "keys"})) {
    return absl::OkStatus();
  }
  return NoName("API key", name, "accounts/{account}/products/{product}/keys/{key_id}");
}

absl::string_view AccountOf(absl::string_view name) { return FirstSegments(name, 2); }

absl::string_view ProductOf(absl::string_view name) { return FirstSegments(name, 4); }

absl::Status CheckCounterId(absl::string_view id) { return CheckText(id, kMaxCounterIdBytes); }

absl::Status CheckHitCounterId(absl::string_view id) {
  if (absl::Status text = CheckText(id, kMaxHitCounterIdBytes); !text.ok()) return text;
  if (id.find('/') == absl::string_view::npos) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("counter id: got ", Quoted(id), "; the id of a hit counter has no '/'"));
}

std::string CounterName(const CounterId& counter) {
  return absl::StrCat(counter.product, "/counters/", PercentEncode(counter.id));
}

absl::StatusOr<CounterId> ParseCounterName(absl::string_view name) {
  std::vector<absl::string_view> segments = absl::StrSplit(name, '/');
  const bool has_counter = segments.size() == 6 && segments[4] == "counters";
  const absl::string_view encoded = segments.back();
  if (has_counter) segments.resize(4);
  if (!has_counter || !IsProductName(segments)) {
    return absl::InvalidArgumentError(
        absl::StrCat("counter name: got ", Quoted(name),
                     "; it takes accounts/{account}/products/{product}/counters/{counter}, the "
                     "counter percent-encoded, the other ids 1 to 64 letters, digits, '-', '_', "
                     "'.' or '~'"));
  }
  absl::StatusOr<std::string> id = PercentDecode(encoded);
  if (!id.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("counter name ", Quoted(name), ": ", id.status().message()));
  }
  if (absl::Status form = CheckCounterId(*id); !form.ok()) return form;
  return CounterId{absl::StrJoin(segments, "/"), *std::move(id)};
}

}  // namespace livecounter::wire
