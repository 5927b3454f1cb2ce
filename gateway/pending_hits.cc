#include "gateway/pending_hits.h"

#include <utility>

namespace livecounter::gateway {

class PendingHits::Waiting final : public LoopTimers::Timer {
 public:
  Waiting(PendingHits& hits, uint64_t ticket, CounterId counter, Done done)
      : ticket(ticket), counter(std::move(counter)), done(std::move(done)), hits_(hits) {}

  void OnTimer(absl::Time /*now*/) override { hits_.GiveUp(*this); }

  const uint64_t ticket;
  const CounterId counter;
  Done done;

 private:
  PendingHits& hits_;
};

PendingHits::PendingHits(LoopLink& link, LoopTimers& timers) : link_(link), timers_(timers) {}

PendingHits::~PendingHits() = default;

void PendingHits::Hit(const CounterId& counter, const Product& product, std::string idempotency_key,
                      Done done) {
  const uint64_t ticket = ++last_ticket_;
  auto waiting = std::make_unique<Waiting>(*this, ticket, counter, std::move(done));
  timers_.ArmWithin(waiting.get(), kPatience);
  waiting_.emplace(ticket, std::move(waiting));
  link_.Hit({.counter = counter,
             .ticket = ticket,
             .create = product.auto_create_counters,
             .idempotency_key = std::move(idempotency_key),
             .product_life = product.life});
}

void PendingHits::OnOutcome(const HitOutcome& outcome) {
  if (outcome.status.ok()) {
    Finish(outcome.ticket, outcome.value);
  } else {
    Finish(outcome.ticket, outcome.status);
  }
}

void PendingHits::GiveUp(const Waiting& waiting) {
  link_.Abandon({.counter = waiting.counter, .ticket = waiting.ticket});
  Finish(waiting.ticket, absl::DeadlineExceededError("the counter service did not answer in time"));
}

void PendingHits::Finish(uint64_t ticket, absl::StatusOr<int64_t> result) {
  const auto found = waiting_.find(ticket);
  if (found == waiting_.end()) return;
  const std::unique_ptr<Waiting> waiting = std::move(found->second);
  waiting_.erase(found);
  waiting->done(std::move(result));
}

}  // namespace livecounter::gateway
