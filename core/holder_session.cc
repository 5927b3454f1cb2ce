#include "core/holder_session.h"

#include <algorithm>
#include <utility>

#include "absl/random/uniform_int_distribution.h"
#include "absl/random/uniform_real_distribution.h"
#include "absl/strings/str_cat.h"
#include "core/check.h"

namespace livecounter {
namespace {

// Of one batch, which goes into a frame whole, beside hits.
size_t MaxUsageEntries(size_t max_frame_entries) {
  return std::max<size_t>(1, max_frame_entries / 4);
}

std::function<SenderId()> SenderIds(absl::BitGenRef random) {
  return [random]() mutable {
    absl::uniform_int_distribution<uint64_t> words;
    const uint64_t high = words(random);
    return SenderId{high, words(random)};
  };
}

std::function<double()> Fractions(absl::BitGenRef random) {
  return [random]() mutable { return absl::uniform_real_distribution<double>()(random); };
}

HitOutcome NotCounted(uint64_t ticket) {
  HitOutcome outcome;
  outcome.ticket = ticket;
  outcome.status = absl::UnavailableError("this gateway has ended its session; it did not count");
  return outcome;
}

}  // namespace

HolderSession::HolderSession(Options options, absl::BitGenRef random)
    : options_(std::move(options)),
      backoff_(options_.backoff, Fractions(random)),
      connections_(options_.connections_interval),
      usage_(options_.usage_interval, MaxUsageEntries(options_.max_frame_entries),
             options_.keeps_usage_journal ? absl::make_optional(options_.id) : absl::nullopt),
      hits_(SenderIds(random)) {}

// --- What the gateway wants. ---

void HolderSession::Join(const CounterId& counter, PresenceHash hash) {
  if (detach_) return;
  if (share_.Add(counter, hash)) presence_.Joined(counter, hash);
}

void HolderSession::Leave(const CounterId& counter, PresenceHash hash) {
  if (detach_) return;
  if (share_.Remove(counter, hash)) presence_.Left(counter, hash);
}

absl::optional<Change> HolderSession::Watch(const CounterId& counter) {
  return watches_.Watch(counter);
}

void HolderSession::Unwatch(const CounterId& counter) { watches_.Unwatch(counter, &outcomes_); }

void HolderSession::Hit(const CounterId& counter, uint64_t ticket, bool create,
                        uint64_t product_life) {
  if (state_ == State::kDetached) {
    outcomes_.push_back(NotCounted(ticket));
    return;
  }
  hits_.Add(counter, ticket, create, product_life);
}

void HolderSession::KeyedHitOnce(const KeyedHitRequest& request) {
  if (state_ == State::kDetached) {
    outcomes_.push_back(NotCounted(request.ticket));
    return;
  }
  keyed_hits_[request.ticket] = {.hit = request.hit, .sent = false};
  untold_keyed_hits_.insert(request.ticket);
}

bool HolderSession::Abandon(const CounterId& counter, uint64_t ticket) {
  const auto keyed = keyed_hits_.find(ticket);
  if (keyed != keyed_hits_.end()) {
    const bool sent = keyed->second.sent;
    keyed_hits_.erase(keyed);
    untold_keyed_hits_.erase(ticket);
    return !sent;
  }
  watches_.Abandon(counter, ticket);
  outcomes_.erase(std::remove_if(outcomes_.begin(), outcomes_.end(),
                                 [=](const HitOutcome& known) { return known.ticket == ticket; }),
                  outcomes_.end());
  return hits_.Abandon(counter, ticket);
}

void HolderSession::Detach(absl::Duration linger) {
  if (detach_) return;
  detach_ = linger;
  EndIfNeverOpened();
}

void HolderSession::EndIfNeverOpened() {
  const bool nothing_there = stream_ == 0 && !has_unanswered_hits() && usage_.empty();
  if (detach_ && state_ == State::kWaiting && nothing_there) state_ = State::kDetached;
}

// --- The stream. ---

bool HolderSession::ShouldConnect(absl::Time now) {
  if (state_ != State::kWaiting || now < next_attempt_) return false;
  state_ = State::kConnecting;
  attempted_at_ = now;
  return true;
}

void HolderSession::OnOpened(absl::Time now) {
  if (state_ != State::kConnecting) return;
  state_ = State::kGreeting;
  ++stream_;
  hello_sent_ = false;
  sent_at_ = now;
}

void HolderSession::OnClosed(absl::Time now) {
  if (state_ == State::kWaiting || state_ == State::kDetached) return;
  state_ = State::kWaiting;
  next_attempt_ = now + backoff_.Next();
  presence_.Clear();
  watches_.OnClosed(&outcomes_);
  hits_.Reset();
  usage_.Reset(now);
  for (const auto& [ticket, keyed] : keyed_hits_) untold_keyed_hits_.insert(ticket);
  EndIfNeverOpened();
}

absl::Status HolderSession::OnFrame(const ReceiverFrame& frame, absl::Time now) {
  if (state_ == State::kDetached) return absl::OkStatus();
  if (state_ == State::kGreeting && hello_sent_) return OnWelcome(frame, now);
  if (state_ != State::kAttached) {
    return absl::InvalidArgumentError("the receiver spoke before it was greeted");
  }
  if (frame.welcome) return absl::InvalidArgumentError("the receiver welcomed twice on a stream");
  heard_at_ = now;
  for (const Change& change : frame.changes) {
    SeeEpoch(change.version.epoch);
    watches_.OnChange(change, &outcomes_);
  }
  for (const HitAnswer& answer : frame.hit_answers) OnAnswer(answer);
  for (const HitOutcome& outcome : frame.keyed_outcomes) OnKeyedOutcome(outcome);
  for (const ProductConnections& total : frame.connection_totals) {
    elsewhere_[total.product] = connections_.Elsewhere(total);
  }
  usage_.OnCounted(frame.usage_counted);
  if (frame.resend_wanted) OnResendWanted();
  return absl::OkStatus();
}

void HolderSession::OnResendWanted() {
  // One that is under way already heals as well.
  if (presence_.resending()) return;
  presence_.WantResend();
  watches_.TellAll();
  connections_.TellAll();
}

absl::Status HolderSession::OnWelcome(const ReceiverFrame& frame, absl::Time now) {
  if (!frame.welcome) {
    return absl::InvalidArgumentError("the first frame of a receiver must be its welcome");
  }
  const Welcome& welcome = *frame.welcome;
  if (welcome.lease <= absl::ZeroDuration() || welcome.keep_alive <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "lease and keep-alive of a welcome must be positive, not ",
        absl::FormatDuration(welcome.lease), " and ", absl::FormatDuration(welcome.keep_alive)));
  }
  if (welcome.epoch < highest_epoch_) {
    return absl::InvalidArgumentError(absl::StrCat("the receiver is in epoch ", welcome.epoch,
                                                   ", below ", highest_epoch_,
                                                   " that the hello told it"));
  }
  state_ = State::kAttached;
  welcome_ = welcome;
  SeeEpoch(welcome.epoch);
  heard_at_ = now;
  audit_at_ = now + options_.audit_interval;
  presence_.WantResend();
  connections_.TellAll();
  backoff_.Reset();
  return absl::OkStatus();
}

void HolderSession::OnAnswer(const HitAnswer& answer) {
  SeeEpoch(answer.version.epoch);
  for (HitOutcome& outcome : hits_.OnAnswer(answer)) {
    watches_.OnOutcome(answer.counter, std::move(outcome), &outcomes_);
  }
}

void HolderSession::OnKeyedOutcome(const HitOutcome& outcome) {
  SeeEpoch(outcome.version.epoch);
  const auto it = keyed_hits_.find(outcome.ticket);
  if (it == keyed_hits_.end()) return;
  watches_.OnOutcome(it->second.hit.counter, outcome, &outcomes_);
  untold_keyed_hits_.erase(outcome.ticket);
  keyed_hits_.erase(it);
}

absl::Time HolderSession::SilentAt() const {
  if (state_ == State::kAttached) return heard_at_ + welcome_.lease / 2;
  const bool attempting = state_ == State::kConnecting || state_ == State::kGreeting;
  return attempting ? attempted_at_ + options_.connect_timeout : absl::InfiniteFuture();
}

bool HolderSession::PeerIsSilent(absl::Time now) const { return now >= SilentAt(); }

// --- Frames. ---

bool HolderSession::CanDetach() const {
  return detach_ && presence_.empty() && !has_unanswered_hits() && usage_.empty();
}

bool HolderSession::HasContent(absl::Time now) const {
  return !presence_.empty() || !watches_.empty() || urgent() || connections_.has_changed(now) ||
         usage_.has_batch(now, /*at_once=*/detach_.has_value()) || CanDetach();
}

bool HolderSession::AuditIsDue(absl::Time now) const {
  return now >= audit_at_ && presence_.empty();
}

bool HolderSession::urgent() const {
  if (state_ == State::kGreeting) return !hello_sent_;
  return state_ == State::kAttached && (hits_.has_batches() || !untold_keyed_hits_.empty());
}

bool HolderSession::has_frame(absl::Time now) const {
  if (state_ != State::kAttached) return urgent();
  return HasContent(now) || AuditIsDue(now) || now >= sent_at_ + welcome_.keep_alive;
}

absl::optional<HolderFrame> HolderSession::TakeFrame(absl::Time now) {
  for (HitOutcome& outcome : hits_.Expire(now)) outcomes_.push_back(std::move(outcome));
  if (!has_frame(now)) return absl::nullopt;
  sent_at_ = now;
  if (state_ == State::kAttached) return MakeFrame(now);
  hello_sent_ = true;
  return MakeHello();
}

HolderFrame HolderSession::MakeHello() const {
  HolderFrame frame;
  frame.hello = Hello{.holder = options_.id, .stream = stream_, .highest_epoch = highest_epoch_};
  return frame;
}

HolderFrame HolderSession::MakeFrame(absl::Time now) {
  HolderFrame frame;
  FrameBudget budget(options_.max_frame_entries, options_.max_frame_bytes);
  // Hits first, since people wait for their answers; but without end they must not keep presence
  // from being told.
  FrameBudget for_hits = budget.TakeHalf();
  FillHits(&frame, &for_hits, now);
  budget.Return(for_hits);
  FillUsage(&frame, &budget, now);
  FillConnections(&frame, &budget, now);
  watches_.Fill(&frame, &budget);
  presence_.Fill(share_, &frame, &budget);
  if (AuditIsDue(now)) {
    frame.audit = share_.digest();
    audit_at_ = now + options_.audit_interval;
  }
  if (CanDetach()) {
    frame.detach = detach_;
    state_ = State::kDetached;
    watches_.OnClosed(&outcomes_);  // no change will come any more
  }
  return frame;
}

void HolderSession::FillHits(HolderFrame* frame, FrameBudget* budget, absl::Time now) {
  while (!untold_keyed_hits_.empty() && !budget->full()) {
    const uint64_t ticket = *untold_keyed_hits_.begin();
    untold_keyed_hits_.erase(untold_keyed_hits_.begin());
    KeyedHitState& keyed = keyed_hits_.at(ticket);
    keyed.sent = true;
    budget->Spend(1, keyed.hit.key.size(), FrameBudget::NameBytes(keyed.hit.counter));
    frame->keyed_hits.push_back({.ticket = ticket, .hit = keyed.hit});
  }
  while (hits_.has_batches() && !budget->full()) {
    std::vector<HitBatch> batches = hits_.TakeBatches(now, /*limit=*/1);
    budget->Spend(1, 0, FrameBudget::NameBytes(batches.front().counter));
    frame->hits.push_back(std::move(batches.front()));
  }
}

// Before presence, so that a resend holds them.
void HolderSession::FillConnections(HolderFrame* frame, FrameBudget* budget, absl::Time now) {
  while (connections_.has_changed(now) && !budget->full()) {
    frame->connections.push_back(connections_.TakeChanged(now, /*limit=*/1).front());
    budget->Spend(1, 0, frame->connections.back().product.size());
  }
}

void HolderSession::FillUsage(HolderFrame* frame, FrameBudget* budget, absl::Time now) {
  if (budget->full() || !usage_.has_batch(now, /*at_once=*/detach_.has_value())) return;
  frame->usage = usage_.TakeBatch(now);
  for (const UsageEntry& entry : frame->usage->entries) budget->Spend(1, 0, entry.product.size());
}

// --- What came, and state. ---

std::vector<ProductConnections> HolderSession::TakeConnectionsElsewhere() {
  std::vector<ProductConnections> taken;
  for (const auto& [product, connections] : elsewhere_) taken.push_back({product, connections});
  elsewhere_.clear();
  return taken;
}

std::vector<HitOutcome> HolderSession::TakeOutcomes() { return std::exchange(outcomes_, {}); }

bool HolderSession::synced() const { return state_ == State::kAttached && !presence_.resending(); }

absl::Time HolderSession::NextWake() const {
  absl::Time wake = std::min({SilentAt(), hits_.NextExpiry(), usage_.NextJournalStep()});
  if (state_ == State::kWaiting) wake = std::min(wake, next_attempt_);
  if (state_ == State::kAttached) {
    wake = std::min({wake, sent_at_ + welcome_.keep_alive, audit_at_, connections_.NextDue(),
                     usage_.NextDue()});
  }
  return wake;
}

void HolderSession::CheckInvariants() const {
  share_.CheckInvariants();
  presence_.CheckInvariants();
  watches_.CheckInvariants();
  hits_.CheckInvariants();
  connections_.CheckInvariants();
  usage_.CheckInvariants();
  for (uint64_t ticket : untold_keyed_hits_) {
    CheckInvariant(keyed_hits_.contains(ticket), "a keyed hit to be sent is known");
  }
  CheckInvariant(Implies(presence_.resending(), state_ == State::kAttached),
                 "a resend needs a stream");
  CheckInvariant(Implies(state_ == State::kDetached, detach_.has_value()),
                 "a session is detached because it was asked");
}

}  // namespace livecounter
