#include "core/usage_sender.h"

#include <utility>

#include "core/check.h"
#include "core/usage_log.h"

namespace livecounter {
namespace {

int64_t Connections(const UsageBatch& batch) {
  int64_t connections = 0;
  for (const UsageEntry& entry : batch.entries) connections += entry.connections;
  return connections;
}

}  // namespace

void UsageSender::Add(const std::string& product, int64_t hour, int64_t connections,
                      absl::Time now) {
  waiting_since_ = std::min(waiting_since_, now);
  waiting_[{hour, product}] += connections;
  uncounted_ += connections;
  is_stale_ = true;
}

bool UsageSender::has_batch(absl::Time now, bool at_once) const {
  if (unanswered_) return !is_taken_ && !is_held_back_;
  return !waiting_.empty() && !file_.holds_waiting && (at_once || now >= next_batch_);
}

UsageBatch UsageSender::TakeBatch(absl::Time now) {
  if (!unanswered_) Number(now);
  is_taken_ = true;
  sent_since_ = std::min(sent_since_, now);
  return *unanswered_;
}

void UsageSender::Number(absl::Time now) {
  unanswered_.emplace();
  unanswered_->number = ++last_number_;
  while (!waiting_.empty() && unanswered_->entries.size() < max_entries_) {
    const auto first = waiting_.begin();
    unanswered_->entries.push_back(
        {.product = first->first.second, .hour = first->first.first, .connections = first->second});
    waiting_.erase(first);
  }
  unanswered_since_ = waiting_since_;
  sent_since_ = absl::InfiniteFuture();
  if (waiting_.empty()) waiting_since_ = absl::InfiniteFuture();
  // What did not fit does not wait.
  next_batch_ = waiting_.empty() ? now + interval_ : now;
  is_taken_ = false;
  is_held_back_ = file_.holds_waiting;
  file_.holds_batch = false;
}

absl::Time UsageSender::NextDue() const {
  if (unanswered_) {
    return is_taken_ || is_held_back_ ? absl::InfiniteFuture() : absl::InfinitePast();
  }
  return waiting_.empty() || file_.holds_waiting ? absl::InfiniteFuture() : next_batch_;
}

void UsageSender::Reset(absl::Time now) {
  is_taken_ = false;
  GiveUpIfTooOld(now);
}

void UsageSender::OnCounted(uint64_t number) {
  if (unanswered_ && is_taken_ && number == unanswered_->number) Forget();
}

void UsageSender::Forget() {
  uncounted_ -= Connections(*unanswered_);
  unanswered_.reset();
  unanswered_since_ = absl::InfiniteFuture();
}

void UsageSender::GiveUpIfTooOld(absl::Time now) {
  if (!unanswered_ || now < sent_since_ + kUsageRepeatLimit) return;
  given_up_ += Connections(*unanswered_);
  Forget();
}

// --- The journal. ---

void UsageSender::Inherit(UsageBacklog backlog, absl::Time now) {
  CheckInvariant(journal_as_ && empty() && last_number_ == 0,
                 "who inherits has a journal, and nothing yet");
  file_ = {.exists = true, .holds_batch = true, .holds_waiting = !backlog.waiting.empty()};
  for (const UsageEntry& entry : backlog.waiting) {
    Add(entry.product, entry.hour, entry.connections, backlog.since);
  }
  is_stale_ = false;
  uncounted_ += Connections(backlog.batch);
  unanswered_ = std::move(backlog.batch);
  unanswered_since_ = backlog.since;
  sent_since_ = backlog.sent_since;
  GiveUpIfTooOld(now);
}

bool UsageSender::IsHeldBack() const {
  if (unanswered_) return is_held_back_;
  return !waiting_.empty() && file_.holds_waiting;
}

bool UsageSender::FileIsUseless() const {
  if (!file_.exists || empty()) return file_.exists;
  return !file_.holds_waiting && !(unanswered_ && file_.holds_batch);
}

absl::Time UsageSender::NextJournalStep() const {
  if (!journal_as_ || step_is_open_) return absl::InfiniteFuture();
  if (IsHeldBack()) return last_step_failed_ ? next_removal_ : absl::InfinitePast();
  const absl::Time removal = FileIsUseless() ? next_removal_ : absl::InfiniteFuture();
  return std::min(removal, NextWrite());
}

absl::Time UsageSender::NextWrite() const {
  if (!is_stale_) return absl::InfiniteFuture();
  return std::max(next_write_, UncountedSince() + kUsageJournalAfter);
}

absl::optional<UsageJournalStep> UsageSender::TakeJournalStep(absl::Time now) {
  if (now < NextJournalStep()) return absl::nullopt;
  step_is_open_ = true;
  next_removal_ = now + kUsageJournalInterval;
  // Where the disk takes no file, what is held back goes up as soon as the old one is gone.
  const bool writes = IsHeldBack() ? !last_step_failed_ : now >= NextWrite();
  if (writes) return Write(now);
  step_writes_ = false;
  return UsageJournalStep();
}

UsageJournalStep UsageSender::Write(absl::Time now) {
  next_write_ = now + kUsageJournalInterval;
  if (!unanswered_) Number(now);
  UsageBacklog backlog{.since = UncountedSince(),
                       .batch = *unanswered_,
                       .sent_since = std::min(sent_since_, now),
                       .waiting = {}};
  if (!backlog.batch.holder) backlog.batch.holder = journal_as_;
  for (const auto& [key, connections] : waiting_) {
    backlog.waiting.push_back(
        {.product = key.second, .hour = key.first, .connections = connections});
  }
  step_writes_ = true;
  step_writes_waiting_ = !waiting_.empty();
  file_ = {.exists = true,
           .holds_batch = true,
           .holds_waiting = file_.holds_waiting || step_writes_waiting_};
  is_stale_ = false;
  return {std::move(backlog)};
}

void UsageSender::OnJournalStep(bool is_done) {
  step_is_open_ = false;
  last_step_failed_ = !is_done;
  if (!is_done || !step_writes_) is_stale_ = true;
  if (!is_done) return;
  if (step_writes_) {
    file_.holds_waiting = step_writes_waiting_;
  } else {
    file_ = {};
  }
  is_held_back_ = false;
}

absl::optional<UsageJournalStep> UsageSender::LastJournalStep(absl::Time now) {
  if (!journal_as_) return absl::nullopt;
  if (!empty()) return Write(now);
  if (!file_.exists) return absl::nullopt;
  return UsageJournalStep();
}

void UsageSender::CheckInvariants() const {
  int64_t uncounted = unanswered_ ? Connections(*unanswered_) : 0;
  for (const auto& [key, connections] : waiting_) {
    CheckInvariant(connections >= 1, "only what was accepted waits");
    uncounted += connections;
  }
  CheckInvariant(uncounted == uncounted_, "what is not counted is waiting or unanswered");
  CheckInvariant((waiting_since_ == absl::InfiniteFuture()) == waiting_.empty(),
                 "what waits has its age");
  CheckInvariant((unanswered_since_ == absl::InfiniteFuture()) == !unanswered_,
                 "what is unanswered has its age");
  CheckInvariant(Implies(!journal_as_, !file_.exists), "who keeps no journal has no file");
  CheckInvariant(Implies(file_.holds_batch || file_.holds_waiting, file_.exists),
                 "what is shown is shown by a file");
  if (!unanswered_) return;
  CheckInvariant(Implies(!unanswered_->holder, unanswered_->number == last_number_),
                 "the newest batch is the unanswered one");
  CheckInvariant(Implies(is_held_back_, !is_taken_), "what is held back is not sent");
  CheckInvariant(!unanswered_->entries.empty(), "no batch is empty");
}

}  // namespace livecounter
