#include "gateway/watch_message.h"

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "wire/names.h"

namespace livecounter::gateway {
namespace {

absl::Status ReadIds(const nlohmann::json& message, const char* name,
                     std::vector<std::string>* ids) {
  const auto found = message.find(name);
  if (found == message.end()) return absl::OkStatus();
  absl::Status wrong =
      absl::InvalidArgumentError(absl::StrCat("\"", name, "\" takes a list of ids, each 1 to ",
                                              wire::kMaxCounterIdBytes, " bytes without a NUL"));
  if (!found->is_array()) return wrong;
  for (const nlohmann::json& id : *found) {
    if (!id.is_string()) return wrong;
    ids->push_back(id.get<std::string>());
    const bool holds_nul = absl::StrContains(ids->back(), '\0');
    if (holds_nul || !wire::CheckCounterId(ids->back()).ok()) return wrong;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<WatchCommand> ParseWatchCommand(absl::string_view message) {
  const auto parsed = nlohmann::json::parse(message.begin(), message.end(), nullptr,
                                            /*allow_exceptions=*/false);
  if (!parsed.is_object()) {
    return absl::InvalidArgumentError(R"(messages are JSON: {"add":["id"],"remove":["id"]})");
  }
  WatchCommand command;
  for (const absl::Status& status :
       {ReadIds(parsed, "add", &command.add), ReadIds(parsed, "remove", &command.remove)}) {
    if (!status.ok()) return status;
  }
  return command;
}

void AppendNumber(absl::string_view id, int64_t number, std::string* object) {
  absl::StrAppend(object, object->empty() ? "{" : ",", nlohmann::json(std::string(id)).dump(), ":",
                  number);
}

std::string FinishObject(absl::string_view object) {
  return object.empty() ? "{}" : absl::StrCat(object, "}");
}

}  // namespace livecounter::gateway
