// The holder's side of metering (contract §5): what was accepted since the last batch goes up in the next,
// under a number, and again, unchanged, until it is answered. So a receiver that dies loses nothing and
// counts nothing twice.
//
// A holder that dies would lose what is not answered. Where it keeps a journal, a file shows that:
//
//   {the unanswered batch, with its number and whose it is; what waits for a number}
//
// written as soon as something is kUsageJournalAfter old, and every kUsageJournalInterval while more comes;
// removed when what it shows is counted. While answers come in time there is none. The next incarnation
// inherits it: the batch goes up first, under the number and the name that it had, so that it counts
// nothing if it was counted; what waits goes under the heir's own numbers, together with the heir's own.
//
// That counts nothing twice as long as nothing goes up that the file shows as waiting. So a new batch is
// *held back* until the file shows it with its number, or is gone. Between incarnations there is never more
// than one numbered batch, and one number for each product and hour.

#ifndef LIVECOUNTER_CORE_USAGE_SENDER_H_
#define LIVECOUNTER_CORE_USAGE_SENDER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "core/ids.h"
#include "core/usage.h"

namespace livecounter {

// A kill costs what is younger than the older of these, and than what a write takes: together a second at
// most. The first is above what an answer takes in good times, the interval between batches included.
inline constexpr absl::Duration kUsageJournalAfter = absl::Milliseconds(600);
inline constexpr absl::Duration kUsageJournalInterval = absl::Milliseconds(500);

// Not thread-safe. Remembers one number for each product and hour that is not counted yet.
class UsageSender {
 public:
  // At most one new batch in an `interval`, with up to `max_entries` (≥ 1) entries. A journal is kept
  // under the name `journal_as`, which is that of the holder; nothing: there is none.
  UsageSender(absl::Duration interval, size_t max_entries,
              absl::optional<HolderId> journal_as = absl::nullopt)
      : interval_(interval), max_entries_(max_entries), journal_as_(journal_as) {}

  // `connections` (≥ 1) of `product` were accepted in `hour`; `now` is when that was heard of.
  void Add(const std::string& product, int64_t hour, int64_t connections, absl::Time now);

  // Whether TakeBatch() gives one: an unanswered one that was not taken since the last Reset(), or a new
  // one, where none is unanswered and the interval has passed, or is not waited for (`at_once`).
  bool has_batch(absl::Time now, bool at_once = false) const;
  // The batch to send. Only where has_batch().
  UsageBatch TakeBatch(absl::Time now);
  // When has_batch() will be true without further input: InfiniteFuture for never.
  absl::Time NextDue() const;

  // The stream broke: the unanswered batch is to be taken again, or given up after kUsageRepeatLimit.
  void Reset(absl::Time now);
  // The batch of this number, taken since the last Reset(), is counted. Repeats of that change nothing.
  void OnCounted(uint64_t number);

  // When the oldest of what is not counted was added: InfiniteFuture where everything is.
  absl::Time UncountedSince() const { return std::min(unanswered_since_, waiting_since_); }
  // How many connections are not counted, and how many never will be: nobody remembers whether they were.
  int64_t uncounted() const { return uncounted_; }
  int64_t given_up() const { return given_up_; }

  // Everything is counted.
  bool empty() const { return !unanswered_ && waiting_.empty(); }

  // --- The journal, where there is one. ---

  // What the journal held at the start. Precondition: nothing was added yet.
  void Inherit(UsageBacklog backlog, absl::Time now);

  // What is to be done with the journal, where it is time for that; then nothing until the outcome is told.
  absl::optional<UsageJournalStep> TakeJournalStep(absl::Time now);
  // When TakeJournalStep() will give something without further input: InfiniteFuture for never.
  absl::Time NextJournalStep() const;
  // The step taken last is durable, or failed: then the file may hold what it held, or what it was to.
  void OnJournalStep(bool is_done);

  // What the journal is to hold when nothing will be sent any more; no outcome is told.
  absl::optional<UsageJournalStep> LastJournalStep(absl::Time now);

  // Dies when a number that is not at least 1 waits.
  void CheckInvariants() const;

 private:
  // What the journal's file may hold. The batch is the unanswered one.
  struct File {
    bool exists = false;
    bool holds_batch = false;
    bool holds_waiting = false;
  };

  // Gives what waits, or as much as fits, the next number.
  void Number(absl::Time now);
  void Forget();
  void GiveUpIfTooOld(absl::Time now);

  // Whether something could go up but for the file.
  bool IsHeldBack() const;
  // Whether the file shows nothing that is not counted.
  bool FileIsUseless() const;
  absl::Time NextWrite() const;  // where nothing is held back
  UsageJournalStep Write(absl::Time now);

  const absl::Duration interval_;
  const size_t max_entries_;
  const absl::optional<HolderId> journal_as_;
  absl::btree_map<std::pair<int64_t, std::string>, int64_t> waiting_;  // by hour and product
  absl::optional<UsageBatch> unanswered_;
  // When the oldest of each was added: InfiniteFuture for none.
  absl::Time waiting_since_ = absl::InfiniteFuture();
  absl::Time unanswered_since_ = absl::InfiniteFuture();
  absl::Time sent_since_ = absl::InfiniteFuture();  // when the unanswered one was first taken
  bool is_taken_ = false;                           // since the last Reset()
  uint64_t last_number_ = 0;                        // of the holder's own
  absl::Time next_batch_ = absl::InfinitePast();
  int64_t uncounted_ = 0;
  int64_t given_up_ = 0;

  File file_;
  bool is_held_back_ = false;  // the unanswered one: the file may show it as waiting
  bool is_stale_ = false;      // something was added since the file was written
  bool step_is_open_ = false;  // its outcome is not told
  bool last_step_failed_ = false;
  bool step_writes_ = false;          // else it removes
  bool step_writes_waiting_ = false;  // it shows something as waiting
  absl::Time next_write_ = absl::InfinitePast();
  absl::Time next_removal_ = absl::InfinitePast();
};

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_USAGE_SENDER_H_
