#include "core/timer_wheel.h"

#include <algorithm>
#include <limits>

#include "core/check.h"

namespace livecounter {
namespace {

// More ticks than any clock will count, and few enough for sums of them.
constexpr int64_t kMaxTick = std::numeric_limits<int64_t>::max() / 4;

int64_t Ticks(absl::Duration whole, absl::Duration granularity) {
  return std::clamp(absl::IDivDuration(whole, granularity, &whole), -kMaxTick, kMaxTick);
}

}  // namespace

void TimerWheel::Entry::Unlink() {
  if (!armed()) return;
  previous_->next_ = next_;
  next_->previous_ = previous_;
  next_ = nullptr;
  previous_ = nullptr;
}

TimerWheel::TimerWheel(absl::Duration granularity, size_t slots, absl::Time now)
    : granularity_(granularity), start_(now), slots_(slots) {
  for (Entry& slot : slots_) MakeEmptyList(&slot);
  MakeEmptyList(&due_);
}

TimerWheel::~TimerWheel() {
  for (Entry& slot : slots_) Clear(&slot);
  Clear(&due_);
}

void TimerWheel::MakeEmptyList(Entry* list) { list->next_ = list->previous_ = list; }

void TimerWheel::Clear(Entry* list) {
  while (list->next_ != list) list->next_->Unlink();
}

void TimerWheel::Append(Entry* list, Entry* entry) {
  entry->next_ = list;
  entry->previous_ = list->previous_;
  list->previous_->next_ = entry;
  list->previous_ = entry;
}

void TimerWheel::Arm(Entry* entry, absl::Time deadline) {
  entry->Unlink();
  const int64_t tick = Ticks(absl::Ceil(deadline - start_, granularity_), granularity_);
  entry->due_tick_ = std::max(tick, now_tick_ + 1);
  Append(SlotOf(entry->due_tick_), entry);
}

void TimerWheel::AdvanceTo(absl::Time now) {
  now_tick_ = std::max(now_tick_, Ticks(absl::Floor(now - start_, granularity_), granularity_));
  // After a long pause one round is enough: it finds what any of the rounds missed.
  const int64_t round = static_cast<int64_t>(slots_.size());
  collected_tick_ = std::max(collected_tick_, now_tick_ - round);
}

void TimerWheel::Collect(Entry* slot) {
  for (Entry* entry = slot->next_; entry != slot;) {
    Entry* next = entry->next_;
    if (entry->due_tick_ <= now_tick_) {
      entry->Unlink();
      Append(&due_, entry);
    }
    entry = next;
  }
}

TimerWheel::Entry* TimerWheel::TakeDue() {
  while (due_.next_ == &due_) {
    if (collected_tick_ == now_tick_) return nullptr;
    Collect(SlotOf(++collected_tick_));
  }
  Entry* entry = due_.next_;
  entry->Unlink();
  return entry;
}

size_t TimerWheel::size() const {
  size_t armed = 0;
  const auto count = [&armed](const Entry& list) {
    for (const Entry* entry = list.next_; entry != &list; entry = entry->next_) ++armed;
  };
  for (const Entry& slot : slots_) count(slot);
  count(due_);
  return armed;
}

void TimerWheel::CheckInvariants() const {
  const auto check = [this](const Entry& list, bool in_slot) {
    for (const Entry* entry = list.next_; entry != &list; entry = entry->next_) {
      CheckInvariant(entry->next_->previous_ == entry, "links go both ways");
      const size_t own = static_cast<size_t>(entry->due_tick_) % slots_.size();
      CheckInvariant(Implies(in_slot, &slots_[own] == &list), "an entry stands in its own slot");
      CheckInvariant(Implies(in_slot, entry->due_tick_ > collected_tick_),
                     "no slot is passed over");
      CheckInvariant(Implies(!in_slot, entry->due_tick_ <= now_tick_), "what fires is due");
    }
  };
  for (const Entry& slot : slots_) check(slot, /*in_slot=*/true);
  check(due_, /*in_slot=*/false);
}

}  // namespace livecounter
