#include "cli/command.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_split.h"

namespace livecounter::cli {
namespace {

constexpr absl::string_view kUsagePayload = "livecounter/usage";

}  // namespace

std::vector<std::string> PathWords(const Command& command) {
  return absl::StrSplit(command.path, ' ');
}

absl::Status UsageError(const std::string& message) {
  absl::Status status = absl::InvalidArgumentError(message);
  status.SetPayload(kUsagePayload, absl::Cord());
  return status;
}

bool IsUsageError(const absl::Status& status) {
  return status.GetPayload(kUsagePayload).has_value();
}

}  // namespace livecounter::cli
