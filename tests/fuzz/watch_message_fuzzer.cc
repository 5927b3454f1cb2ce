// Messages of `/watch` clients: what is accepted is ids that can be shown again.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "gateway/watch_message.h"
#include "nlohmann/json.hpp"

namespace {

void Show(const std::vector<std::string>& ids) {
  std::string object;
  for (const std::string& id : ids) livecounter::gateway::AppendNumber(id, 1, &object);
  const auto parsed = nlohmann::json::parse(livecounter::gateway::FinishObject(object));
  for (const std::string& id : ids) {
    if (parsed.at(id) != 1) __builtin_trap();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto command = livecounter::gateway::ParseWatchCommand(
      absl::string_view(reinterpret_cast<const char*>(data), size));
  if (!command.ok()) {
    if (command.status().message().size() > 100) __builtin_trap();
    return 0;
  }
  Show(command->add);
  Show(command->remove);
  return 0;
}
