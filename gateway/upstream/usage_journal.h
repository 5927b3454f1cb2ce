// The gateway's journal of usage: a file with the connections that were accepted and are not counted yet,
// for the time that the counter service is away. core/usage_sender.h has the rules: when it is written and
// removed, and how what is left in it is sent when the gateway was killed. Here is the file.
//
//   livecounter usage journal 1
//   since 1700002800123                                    when the oldest was accepted, Unix ms
//   batch 00112233445566778899aabbccddeeff 17 1700002801023
//   1700002800 42 accounts/a/products/p                    hour, connections, product
//   waiting
//   1700002800 7 accounts/a/products/p
//   1700002800 1 accounts/b/products/q
//   sha256 088c…                                           of all lines before
//
// The batch may have been counted: of the incarnation with that id, the one with that number, not before
// that time (Unix ms). What waits was never sent. Entries stand in the order of hours and products, each
// once. The file has one line for each product and hour, twice at most, however many connections.
//
// It is replaced as a whole: written beside, synced, renamed, and its directory synced. So it is the old one
// or the new one after any kill, and after a power cut. One process at a time may use a directory.

#ifndef LIVECOUNTER_GATEWAY_UPSTREAM_USAGE_JOURNAL_H_
#define LIVECOUNTER_GATEWAY_UPSTREAM_USAGE_JOURNAL_H_

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "core/usage.h"
#include "observability/logging.h"

namespace livecounter::gateway {

// Above this many bytes, some 500,000 products and hours, nothing more is written.
inline constexpr size_t kMaxUsageJournalBytes = size_t{32} << 20;

// Preconditions: the batch has a holder, and everything its form.
std::string EncodeUsageJournal(const UsageBacklog& backlog);

// INVALID_ARGUMENT for anything but what EncodeUsageJournal() writes: torn, changed, or of another version.
absl::StatusOr<UsageBacklog> DecodeUsageJournal(absl::string_view text);

// Blocks on the disk; one thread at a time.
class UsageJournal {
 public:
  // Makes the directory where there is none, takes it for this process, and reads `usage-journal` in it. A
  // file that is no journal is told of and set aside, as `usage-journal.unreadable`: its connections are
  // not counted, and the gateway serves. Errors name what is wrong with the directory.
  static absl::StatusOr<std::unique_ptr<UsageJournal>> Open(const std::string& directory,
                                                            const observability::Logger& logger);
  // Whether Open() could have it, but for other processes: for --check_config.
  static absl::Status Check(const std::string& directory);

  // Gives the directory back.
  ~UsageJournal();
  UsageJournal(const UsageJournal&) = delete;
  UsageJournal& operator=(const UsageJournal&) = delete;

  // What was there when it was opened.
  const absl::optional<UsageBacklog>& found() const { return found_; }

  // Writes or removes the file. Durable when it returns OK; after an error it is as before, or as asked for.
  absl::Status Apply(const UsageJournalStep& step);

 private:
  UsageJournal(int lock, std::string path) : lock_(lock), path_(std::move(path)) {}

  absl::Status Read(const observability::Logger& logger);
  absl::Status SetAside(const absl::Status& why, const observability::Logger& logger) const;

  const int lock_;  // an open descriptor of the directory
  const std::string path_;
  absl::optional<UsageBacklog> found_;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_UPSTREAM_USAGE_JOURNAL_H_
