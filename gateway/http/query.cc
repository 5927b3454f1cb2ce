#include "gateway/http/query.h"

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "wire/names.h"
#include "wire/utf8.h"

namespace livecounter::gateway {
namespace {

constexpr size_t kMaxKeyBytes = 64;
constexpr size_t kMaxPresenceIdBytes = 256;

std::string TextOf(size_t max_bytes) {
  return absl::StrCat("1 to ", max_bytes, " bytes of UTF-8, percent-encoded in the URL");
}

// Whether the value of a parameter is 1 to `max_bytes` bytes of UTF-8.
absl::Status CheckText(absl::string_view name, absl::string_view text, size_t max_bytes) {
  if (text.empty()) return WrongParameter(name, "is empty", TextOf(max_bytes));
  if (text.size() > max_bytes) {
    return WrongParameter(name, absl::StrCat("has ", text.size(), " bytes"), TextOf(max_bytes));
  }
  if (!wire::IsUtf8(text)) return WrongParameter(name, "is not valid UTF-8", TextOf(max_bytes));
  return absl::OkStatus();
}

// Reads a parameter of such a form that must be there.
absl::Status ReadText(const Query& query, absl::string_view name, size_t max_bytes,
                      std::string* value) {
  const auto found = FindParameter(query, name);
  if (!found.ok()) return found.status();
  if (!found->has_value()) return WrongParameter(name, "is missing", TextOf(max_bytes));
  *value = std::string(**found);
  return CheckText(name, *value, max_bytes);
}

// Reads a parameter of such a form that must be there, and may be there often.
absl::Status ReadTexts(const Query& query, absl::string_view name, size_t max_bytes,
                       size_t max_values, std::vector<std::string>* values) {
  absl::flat_hash_set<absl::string_view> seen;
  for (const auto& [key, value] : query) {
    if (key != name) continue;
    if (!value.ok()) return value.status();
    if (!seen.insert(*value).second) continue;
    if (absl::Status status = CheckText(name, *value, max_bytes); !status.ok()) return status;
    values->push_back(*value);
  }
  if (values->empty()) return WrongParameter(name, "is missing", TextOf(max_bytes));
  if (values->size() > max_values) {
    return WrongParameter(name, absl::StrCat("has ", values->size(), " different values"),
                          absl::StrCat(max_values, " at most"));
  }
  return absl::OkStatus();
}

absl::Status ReadContributes(const Query& query, bool* contributes) {
  const auto found = FindParameter(query, "i");
  if (!found.ok()) return found.status();
  const absl::string_view value = found->value_or("t");
  if (value != "t" && value != "f") {
    return WrongParameter("i", "has another value",
                          "t to be counted or f only to watch, and may be left out for t");
  }
  *contributes = value == "t";
  return absl::OkStatus();
}

}  // namespace

absl::Status WrongParameter(absl::string_view name, absl::string_view how,
                            absl::string_view takes) {
  return absl::InvalidArgumentError(
      absl::StrCat("The parameter \"", name, "\" ", how, "; it takes ", takes, "."));
}

absl::StatusOr<absl::optional<absl::string_view>> FindParameter(const Query& query,
                                                                absl::string_view name) {
  absl::optional<absl::string_view> found;
  for (const auto& [key, value] : query) {
    if (key != name) continue;
    if (found) return WrongParameter(name, "is there twice", "one value");
    if (!value.ok()) return value.status();
    found = *value;
  }
  return found;
}

absl::StatusOr<SubParameters> ParseSubParameters(const Query& query) {
  SubParameters parameters;
  for (const absl::Status& status :
       {ReadText(query, "urlId", wire::kMaxCounterIdBytes, &parameters.url_id),
        ReadText(query, "key", kMaxKeyBytes, &parameters.key),
        ReadText(query, "pId", kMaxPresenceIdBytes, &parameters.presence_id),
        ReadContributes(query, &parameters.contributes)}) {
    if (!status.ok()) return status;
  }
  return parameters;
}

absl::StatusOr<WatchParameters> ParseWatchParameters(const Query& query, size_t max_ids) {
  WatchParameters parameters;
  for (const absl::Status& status :
       {ReadTexts(query, "urlId", wire::kMaxCounterIdBytes, max_ids, &parameters.url_ids),
        ReadText(query, "key", kMaxKeyBytes, &parameters.key)}) {
    if (!status.ok()) return status;
  }
  return parameters;
}

}  // namespace livecounter::gateway
