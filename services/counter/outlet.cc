#include "services/counter/outlet.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace livecounter::counter {
namespace {

// Moves up to `limit` elements from the front of `from` to `to`; returns how many.
template <typename T>
size_t MoveFront(size_t limit, std::vector<T>* from, std::vector<T>* to) {
  if (from->size() <= limit) {
    to->swap(*from);
    return to->size();
  }
  to->assign(std::make_move_iterator(from->begin()),
             std::make_move_iterator(from->begin() + limit));
  from->erase(from->begin(), from->begin() + limit);
  return limit;
}

}  // namespace

void Outlet::End(absl::Status status) {
  if (!end_) end_ = std::move(status);
}

absl::Time Outlet::Pump(absl::Time now, bool has_changes, TakeChanges take) {
  held_up_ = has_changes || HasAnswers() || welcome_ || end_;
  if (writing_ || finished_) return absl::InfiniteFuture();
  if (end_ && (!end_->ok() || !HasAnswers())) {
    finished_ = true;
    stream_.Finish(*end_);
    return absl::InfiniteFuture();
  }
  if (welcome_) {
    ReceiverFrame frame;
    frame.welcome.swap(welcome_);
    Write(std::move(frame), now);
    return absl::InfiniteFuture();
  }
  if (!HasAnswers() && !has_changes) return absl::InfiniteFuture();
  if (!HasAnswers() && now < changes_due_) return changes_due_;

  ReceiverFrame frame = TakeAnswers();
  const size_t answers =
      frame.hit_answers.size() + frame.keyed_outcomes.size() + frame.connection_totals.size();
  if (has_changes && answers < options_.max_frame_entries) {
    frame.changes = take(options_.max_frame_entries - answers);
  }
  changes_due_ = answers > 0 ? now : now + options_.batch;
  // What did not fit waits, as does the end.
  held_up_ = answers + frame.changes.size() >= options_.max_frame_entries || end_;
  Write(std::move(frame), now);
  return absl::InfiniteFuture();
}

void Outlet::KeepAlive(absl::Duration silence, absl::Time now) {
  if (!writing_ && !end_ && !welcome_ && now - sent_at_ >= silence) Write(ReceiverFrame(), now);
}

void Outlet::BreakIfStuck(absl::Time now) {
  if (!writing_ || now - sent_at_ <= options_.write_limit) return;
  sent_at_ = now;  // what does not come back now is broken once more
  stream_.Cancel();
}

ReceiverFrame Outlet::TakeAnswers() {
  ReceiverFrame frame;
  const size_t numbered = MoveFront(options_.max_frame_entries, &answers_, &frame.hit_answers);
  const size_t answers = numbered + MoveFront(options_.max_frame_entries - numbered, &outcomes_,
                                              &frame.keyed_outcomes);
  MoveFront(options_.max_frame_entries - answers, &totals_, &frame.connection_totals);
  frame.usage_counted = std::exchange(usage_counted_, 0);
  frame.resend_wanted = std::exchange(resend_wanted_, false);
  return frame;
}

void Outlet::Write(ReceiverFrame frame, absl::Time now) {
  writing_ = true;
  sent_at_ = now;
  stream_.Write(std::move(frame));
}

}  // namespace livecounter::counter
