#include "core/sender_log.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/check.h"

namespace livecounter {

SenderLog::SenderLog(std::function<SenderId()> new_sender, absl::Duration give_up)
    : new_sender_(std::move(new_sender)), give_up_(give_up) {}

bool SenderLog::Takeable(const Numbering& numbering) {
  return numbering.unanswered ? !numbering.taken : !numbering.waiting.empty();
}

void SenderLog::Settle(Numberings::iterator it) {
  Numbering& numbering = it->second;
  if (Takeable(numbering) && numbering.place == 0) {
    numbering.place = ++last_place_;
    ready_.emplace(numbering.place, it->first);
  }
  if (!Takeable(numbering) && numbering.place != 0) {
    ready_.erase(numbering.place);
    numbering.place = 0;
  }
  // A numbering that has not begun is nothing to remember.
  if (numbering.last_number == 0 && !Takeable(numbering)) {
    expiries_.erase({numbering.expires, it->first});
    numberings_.erase(it);
  }
}

void SenderLog::Add(const CounterId& counter, uint64_t ticket, bool create, uint64_t product_life) {
  const auto [it, fresh] = numberings_.try_emplace(counter);
  if (fresh) it->second.sender = new_sender_();
  it->second.waiting.push_back({ticket, create, product_life});
  ++waiting_;
  Settle(it);
}

bool SenderLog::Abandon(const CounterId& counter, uint64_t ticket) {
  const auto it = numberings_.find(counter);
  if (it == numberings_.end()) return false;
  Numbering& numbering = it->second;
  const auto has_ticket = [ticket](const auto& hit) { return hit.ticket == ticket; };

  const auto waiting = std::find_if(numbering.waiting.begin(), numbering.waiting.end(), has_ticket);
  if (waiting != numbering.waiting.end()) {
    numbering.waiting.erase(waiting);
    --waiting_;
    Settle(it);
    return true;
  }
  const auto in_flight =
      std::find_if(numbering.in_flight.begin(), numbering.in_flight.end(), has_ticket);
  if (in_flight != numbering.in_flight.end()) in_flight->abandoned = true;
  return false;
}

void SenderLog::NumberNext(const CounterId& counter, Numbering& numbering, absl::Time now) {
  const Waiting first = numbering.waiting.front();
  const auto goes_with_first = [&first](const Waiting& hit) {
    return hit.create == first.create && hit.product_life == first.product_life;
  };
  while (!numbering.waiting.empty() && goes_with_first(numbering.waiting.front())) {
    numbering.in_flight.push_back({numbering.waiting.front().ticket, /*abandoned=*/false});
    numbering.waiting.pop_front();
    --waiting_;
  }
  numbering.unanswered = HitBatch{.sender = numbering.sender,
                                  .counter = counter,
                                  .number = ++numbering.last_number,
                                  .count = static_cast<int64_t>(numbering.in_flight.size()),
                                  .create = first.create,
                                  .product_life = first.product_life};
  ++unanswered_;
  numbering.first_taken = now;
  if (numbering.expires == absl::InfiniteFuture()) {
    numbering.expires = now + give_up_;
    expiries_.insert({numbering.expires, counter});
  }
}

std::vector<HitBatch> SenderLog::TakeBatches(absl::Time now, size_t limit) {
  std::vector<HitBatch> batches;
  while (!ready_.empty() && batches.size() < limit) {
    const auto it = numberings_.find(ready_.begin()->second);
    Numbering& numbering = it->second;
    if (!numbering.unanswered) NumberNext(it->first, numbering, now);
    numbering.taken = true;
    batches.push_back(*numbering.unanswered);
    Settle(it);
  }
  return batches;
}

void SenderLog::Reset() {
  std::vector<CounterId> counters;
  for (const auto& [counter, numbering] : numberings_) {
    if (numbering.unanswered) counters.push_back(counter);
  }
  std::sort(counters.begin(), counters.end());  // the same order in every run
  for (const CounterId& counter : counters) {
    const auto it = numberings_.find(counter);
    it->second.taken = false;
    Settle(it);
  }
}

void SenderLog::EndBatch(Numbering& numbering) {
  numbering.unanswered.reset();
  numbering.taken = false;
  numbering.in_flight.clear();
  --unanswered_;
}

void SenderLog::StartOver(Numbering& numbering) {
  EndBatch(numbering);
  numbering.sender = new_sender_();
  numbering.last_number = 0;
}

void SenderLog::WaitAgain(Numbering& numbering) {
  for (auto hit = numbering.in_flight.rbegin(); hit != numbering.in_flight.rend(); ++hit) {
    if (hit->abandoned) continue;
    numbering.waiting.push_front(
        {hit->ticket, numbering.unanswered->create, numbering.unanswered->product_life});
    ++waiting_;
  }
}

std::vector<HitOutcome> SenderLog::Outcomes(const Numbering& numbering, const HitAnswer& answer) {
  std::vector<HitOutcome> outcomes;
  // Unsigned: whatever value a receiver may send, nothing overflows.
  uint64_t value = static_cast<uint64_t>(answer.value_after) - numbering.in_flight.size();
  for (const InFlight& hit : numbering.in_flight) {
    ++value;
    if (hit.abandoned) continue;
    HitOutcome& outcome = outcomes.emplace_back();
    outcome.ticket = hit.ticket;
    outcome.status = answer.status;
    if (!answer.status.ok()) continue;
    outcome.value = static_cast<int64_t>(value);
    outcome.version = answer.version;
  }
  return outcomes;
}

std::vector<HitOutcome> SenderLog::OnAnswer(const HitAnswer& answer) {
  const auto it = numberings_.find(answer.counter);
  if (it == numberings_.end()) return {};
  Numbering& numbering = it->second;
  if (!numbering.unanswered || numbering.unanswered->sender != answer.sender ||
      numbering.unanswered->number != answer.number) {
    return {};
  }
  std::vector<HitOutcome> outcomes;
  if (IsGap(answer.status) && answer.number > 1) {
    WaitAgain(numbering);
  } else {
    outcomes = Outcomes(numbering, answer);
  }
  if (answer.status.ok()) {
    EndBatch(numbering);
  } else {
    StartOver(numbering);
  }
  Settle(it);
  return outcomes;
}

std::vector<HitOutcome> SenderLog::Expire(absl::Time now) {
  std::vector<HitOutcome> outcomes;
  while (!expiries_.empty() && expiries_.begin()->first <= now) {
    const auto it = numberings_.find(expiries_.begin()->second);
    expiries_.erase(expiries_.begin());
    Numbering& numbering = it->second;
    numbering.expires = numbering.first_taken + give_up_;
    if (numbering.expires > now) {
      expiries_.insert({numbering.expires, it->first});
      continue;
    }
    numbering.expires = absl::InfiniteFuture();
    if (!numbering.unanswered) {
      numbering.last_number = 0;
      numbering.sender = new_sender_();
      Settle(it);
      continue;
    }
    HitAnswer silence;
    silence.status = absl::DeadlineExceededError(absl::StrCat(
        "not answered within ", absl::FormatDuration(give_up_), "; it may have counted"));
    const std::vector<HitOutcome> given_up = Outcomes(numbering, silence);
    outcomes.insert(outcomes.end(), given_up.begin(), given_up.end());
    StartOver(numbering);
    Settle(it);
  }
  return outcomes;
}

absl::Time SenderLog::NextExpiry() const {
  return expiries_.empty() ? absl::InfiniteFuture() : expiries_.begin()->first;
}

void SenderLog::CheckInvariants() const {
  size_t waiting = 0;
  size_t unanswered = 0;
  size_t ready = 0;
  size_t expiring = 0;
  for (const auto& [counter, numbering] : numberings_) {
    waiting += numbering.waiting.size();
    unanswered += numbering.unanswered.has_value();
    ready += Takeable(numbering);
    expiring += numbering.expires != absl::InfiniteFuture();
    CheckInvariant(Takeable(numbering) == (numbering.place != 0), "what can be taken has a place");
    CheckInvariant(ready_.contains(numbering.place) == (numbering.place != 0),
                   "a place is in the order");
    CheckInvariant(Implies(numbering.waiting.empty(), numbering.last_number > 0),
                   "nothing is remembered of what has not begun");
    CheckInvariant(numbering.unanswered.value_or(HitBatch()).count ==
                       static_cast<int64_t>(numbering.in_flight.size()),
                   "a batch counts its hits");
    CheckInvariant(
        Implies(numbering.last_number > 0, expiries_.contains({numbering.expires, counter})),
        "a numbering expires");
  }
  CheckInvariant(waiting == waiting_, "waiting hits are counted");
  CheckInvariant(unanswered == unanswered_, "unanswered batches are counted");
  CheckInvariant(ready == ready_.size(), "only what can be taken is in the order");
  CheckInvariant(expiring == expiries_.size(), "each numbering expires once");
}

}  // namespace livecounter
