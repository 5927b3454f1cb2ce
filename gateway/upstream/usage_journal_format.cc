// The text of the journal of usage.

#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/usage_log.h"
#include "gateway/upstream/usage_journal.h"
#include "services/runtime/sha256.h"
#include "wire/holder_frame.h"
#include "wire/names.h"

namespace livecounter::gateway {
namespace {

constexpr absl::string_view kTitle = "livecounter usage journal 1";
constexpr absl::string_view kChecksum = "sha256 ";
constexpr size_t kHexDigitsOfId = 32;
// A batch has to fit into one frame.
constexpr size_t kMaxBatchEntries = wire::kMaxFrameEntries / 2;
// Of one entry: whatever is added up stays far below 2⁶³.
constexpr int64_t kMaxConnections = 1'000'000'000'000;

absl::Status NoJournal(absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("no journal of usage: ", why));
}

std::string Sha256(absl::string_view text) {
  runtime::Sha256 sha;
  sha.Update(text);
  return sha.Finish();
}

void AppendEntries(const std::vector<UsageEntry>& entries, std::string* text) {
  for (const UsageEntry& entry : entries) {
    absl::StrAppend(text, entry.hour, " ", entry.connections, " ", entry.product, "\n");
  }
}

// Reads lines, first to last.
class Lines {
 public:
  explicit Lines(absl::string_view text) : lines_(absl::StrSplit(text, '\n')) {}

  // The words of the next line; none after the last.
  std::vector<std::string> Next() {
    if (next_ == lines_.size()) return {};
    return absl::StrSplit(lines_[next_++], ' ');
  }
  bool NextIs(absl::string_view line) const {
    return next_ < lines_.size() && lines_[next_] == line;
  }
  bool IsAtEnd() const { return NextIs("") && next_ + 1 == lines_.size(); }

 private:
  const std::vector<std::string> lines_;
  size_t next_ = 0;
};

bool ReadTime(absl::string_view word, absl::Time* time) {
  int64_t ms = 0;
  if (!absl::SimpleAtoi(word, &ms)) return false;
  *time = absl::FromUnixMillis(ms);
  return true;
}

bool ReadSince(Lines& lines, UsageBacklog* backlog) {
  const std::vector<std::string> words = lines.Next();
  return words.size() == 2 && words[0] == "since" && ReadTime(words[1], &backlog->since);
}

bool ReadBatch(Lines& lines, UsageBacklog* backlog) {
  const std::vector<std::string> words = lines.Next();
  if (words.size() != 4 || words[0] != "batch" || words[1].size() != kHexDigitsOfId) return false;
  backlog->batch.holder = HolderId::FromBytes(absl::HexStringToBytes(words[1]));
  return absl::SimpleAtoi(words[2], &backlog->batch.number) && backlog->batch.number >= 1 &&
         ReadTime(words[3], &backlog->sent_since);
}

bool ReadEntry(Lines& lines, UsageEntry* entry) {
  const std::vector<std::string> words = lines.Next();
  if (words.size() != 3) return false;
  entry->product = words[2];
  return absl::SimpleAtoi(words[0], &entry->hour) && BeginsAnHour(entry->hour) &&
         absl::SimpleAtoi(words[1], &entry->connections) && entry->connections >= 1 &&
         entry->connections <= kMaxConnections && wire::CheckProductName(entry->product).ok();
}

bool IsBefore(const UsageEntry& one, const UsageEntry& other) {
  return std::tie(one.hour, one.product) < std::tie(other.hour, other.product);
}

// Until the line `end`, or the last.
bool ReadEntries(Lines& lines, absl::string_view end, std::vector<UsageEntry>* entries) {
  while (!lines.NextIs(end)) {
    UsageEntry entry;
    if (!ReadEntry(lines, &entry)) return false;
    if (!entries->empty() && !IsBefore(entries->back(), entry)) return false;
    entries->push_back(std::move(entry));
  }
  return true;
}

bool ReadAll(Lines& lines, UsageBacklog* backlog) {
  if (!lines.NextIs(kTitle)) return false;
  lines.Next();
  if (!ReadSince(lines, backlog) || !ReadBatch(lines, backlog)) return false;
  if (!ReadEntries(lines, "waiting", &backlog->batch.entries)) return false;
  if (backlog->batch.entries.empty()) return false;
  if (backlog->batch.entries.size() > kMaxBatchEntries) return false;
  lines.Next();
  return ReadEntries(lines, "", &backlog->waiting) && lines.IsAtEnd();
}

}  // namespace

std::string EncodeUsageJournal(const UsageBacklog& backlog) {
  std::string text = absl::StrCat(kTitle, "\nsince ", absl::ToUnixMillis(backlog.since), "\nbatch ",
                                  backlog.batch.holder->ToHex(), " ", backlog.batch.number, " ",
                                  absl::ToUnixMillis(backlog.sent_since), "\n");
  AppendEntries(backlog.batch.entries, &text);
  absl::StrAppend(&text, "waiting\n");
  AppendEntries(backlog.waiting, &text);
  absl::StrAppend(&text, kChecksum, Sha256(text), "\n");
  return text;
}

absl::StatusOr<UsageBacklog> DecodeUsageJournal(absl::string_view text) {
  const size_t last_line = text.rfind(kChecksum);
  if (last_line == absl::string_view::npos) {
    return NoJournal("it has no checksum, so it was cut off");
  }
  const absl::string_view content = text.substr(0, last_line);
  if (text.substr(last_line) != absl::StrCat(kChecksum, Sha256(content), "\n")) {
    return NoJournal("its checksum is wrong, so it was changed");
  }
  UsageBacklog backlog;
  Lines lines(content);
  // What stands there in another way than it is written would not be written again as it was.
  if (!ReadAll(lines, &backlog) || EncodeUsageJournal(backlog) != text) {
    return NoJournal(absl::StrCat("it is not of the form that begins with \"", kTitle, "\""));
  }
  return backlog;
}

}  // namespace livecounter::gateway
