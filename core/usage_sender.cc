#include "core/usage_sender.h"

#include "core/check.h"

namespace livecounter {

void UsageSender::Add(const std::string& product, int64_t hour, int64_t connections,
                      absl::Time now) {
  waiting_since_ = std::min(waiting_since_, now);
  waiting_[{hour, product}] += connections;
}

bool UsageSender::has_batch(absl::Time now, bool at_once) const {
  if (unanswered_) return !is_taken_;
  return !waiting_.empty() && (at_once || now >= next_batch_);
}

UsageBatch UsageSender::TakeBatch(absl::Time now) {
  is_taken_ = true;
  if (unanswered_) return *unanswered_;
  unanswered_.emplace();
  unanswered_->number = ++last_number_;
  while (!waiting_.empty() && unanswered_->entries.size() < max_entries_) {
    const auto first = waiting_.begin();
    unanswered_->entries.push_back(
        {.product = first->first.second, .hour = first->first.first, .connections = first->second});
    waiting_.erase(first);
  }
  unanswered_since_ = waiting_since_;
  if (waiting_.empty()) waiting_since_ = absl::InfiniteFuture();
  // What did not fit does not wait.
  next_batch_ = waiting_.empty() ? now + interval_ : now;
  return *unanswered_;
}

absl::Time UsageSender::NextDue() const {
  if (unanswered_) return is_taken_ ? absl::InfiniteFuture() : absl::InfinitePast();
  return waiting_.empty() ? absl::InfiniteFuture() : next_batch_;
}

void UsageSender::OnCounted(uint64_t number) {
  if (!unanswered_ || number < unanswered_->number) return;
  unanswered_.reset();
  unanswered_since_ = absl::InfiniteFuture();
}

void UsageSender::CheckInvariants() const {
  for (const auto& [key, connections] : waiting_) {
    CheckInvariant(connections >= 1, "only what was accepted waits");
  }
  CheckInvariant((waiting_since_ == absl::InfiniteFuture()) == waiting_.empty(),
                 "what waits has its age");
  CheckInvariant((unanswered_since_ == absl::InfiniteFuture()) == !unanswered_,
                 "what is unanswered has its age");
  if (!unanswered_) return;
  CheckInvariant(unanswered_->number == last_number_, "the newest batch is the unanswered one");
  CheckInvariant(!unanswered_->entries.empty(), "no batch is empty");
}

}  // namespace livecounter
