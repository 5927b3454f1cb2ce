// The journal of usage that a gateway finds at its start, from whatever disk: it is refused, or it is what is
// written for what was read, and a sender goes on with it to its end.

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/usage_sender.h"
#include "gateway/upstream/usage_journal.h"
#include "services/runtime/sha256.h"

namespace {

using livecounter::HolderId;
using livecounter::UsageSender;
using livecounter::gateway::DecodeUsageJournal;
using livecounter::gateway::EncodeUsageJournal;

void Require(bool holds) {
  if (!holds) __builtin_trap();
}

std::string WithChecksum(const std::string& lines) {
  livecounter::runtime::Sha256 sha;
  sha.Update(lines);
  return absl::StrCat(lines, "sha256 ", sha.Finish(), "\n");
}

// All of it is sent or given up, and nothing else.
void Live(const livecounter::UsageBacklog& backlog) {
  absl::Time now = backlog.since;
  UsageSender sender(absl::Seconds(1), /*max_entries=*/1000, HolderId{1, 2});
  sender.Inherit(backlog, now);
  const int64_t inherited = sender.uncounted() + sender.given_up();
  int64_t sent = 0;
  while (!sender.empty()) {
    now += absl::Seconds(1);
    if (sender.TakeJournalStep(now)) sender.OnJournalStep(true);
    if (!sender.has_batch(now)) continue;
    const livecounter::UsageBatch batch = sender.TakeBatch(now);
    for (const livecounter::UsageEntry& entry : batch.entries) sent += entry.connections;
    sender.OnCounted(batch.number);
    sender.CheckInvariants();
  }
  Require(sent + sender.given_up() == inherited);
}

void Read(const std::string& text) {
  const auto backlog = DecodeUsageJournal(text);
  if (!backlog.ok()) return;
  Require(EncodeUsageJournal(*backlog) == text);
  Live(*backlog);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  Read(bytes);
  Read(WithChecksum(bytes));
  return 0;
}
