#include "gateway/verification/verified_users.h"

#include <algorithm>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace livecounter::gateway {

using observability::UserVerdict;

// The catalog may go on telling tables when the users have gone.
class VerifiedUsers::TableInbox {
 public:
  explicit TableInbox(VerifiedUsers& users) : users_(&users) {}

  void Put(ProductTablePtr table) {
    absl::MutexLock lock(&mutex_);
    if (users_ == nullptr) return;
    users_->thread_.Post([users = users_, table = std::move(table)] { users->table_ = table; });
  }
  void Close() {
    absl::MutexLock lock(&mutex_);
    users_ = nullptr;
  }

 private:
  absl::Mutex mutex_;
  VerifiedUsers* users_ ABSL_GUARDED_BY(mutex_);
};

VerifiedUsers::VerifiedUsers(const Parts& parts, const VerdictGate::Options& options)
    : parts_(parts),
      random_{parts.random},
      gate_(options, random_),
      inbox_(std::make_shared<TableInbox>(*this)),
      thread_(parts.clock, [this](absl::Time now) { return Turn(now); }) {
  parts_.catalog.AddLoop([inbox = inbox_](ProductTablePtr table) { inbox->Put(std::move(table)); });
}

VerifiedUsers::~VerifiedUsers() {
  inbox_->Close();
  thread_.Stop();
  parts_.verifier.Stop();
}

UserGate::LoopId VerifiedUsers::AddLoop(OnDecision on_decision) {
  const LoopId loop = next_loop_.fetch_add(1);
  thread_.Post([this, loop, on_decision = std::move(on_decision)]() mutable {
    loops_[loop] = std::move(on_decision);
  });
  return loop;
}

void VerifiedUsers::Hold(LoopId loop, const UserId& user, const PresenceId& presence_id,
                         bool counts) {
  thread_.Post([this, loop, user, presence_id = PresenceId(presence_id), counts]() mutable {
    User& known = users_[user];
    if (!known.presence_id) known.presence_id = std::move(presence_id);
    known.loops.push_back(loop);
    const bool does_count = gate_.Hold(user, counts, parts_.clock.Now());
    if (does_count != counts) loops_.at(loop)(user, does_count);
  });
}

void VerifiedUsers::Release(LoopId loop, const UserId& user) {
  thread_.Post([this, loop, user] {
    auto& loops = users_.at(user).loops;
    loops.erase(std::find(loops.begin(), loops.end(), loop));
    gate_.Release(user, parts_.clock.Now());
  });
}

absl::Time VerifiedUsers::Turn(absl::Time now) {
  for (const UserId& user : gate_.Forget(now)) users_.erase(user);
  while (const absl::optional<UserId> user = gate_.TakeCall(now)) Ask(*user);
  for (const VerdictGate::Decision& decision : gate_.TakeDecisions()) Decide(decision);
  parts_.metrics.unverified_users().Set(static_cast<double>(gate_.waiting()));
  parts_.metrics.verifications_in_flight().Set(static_cast<double>(gate_.calls()));
  return gate_.NextDue();
}

void VerifiedUsers::Ask(const UserId& user) {
  auto done = [this, user](const absl::StatusOr<KnownVerdict>& answer) {
    thread_.Post([this, user, answer] { OnAnswer(user, answer); });
  };
  const ProductPtr product = table_ == nullptr ? nullptr : table_->FindByName(user.product);
  if (product == nullptr || !product->verification) {
    done(absl::UnavailableError("the product does not ask for it any more"));
    return;
  }
  parts_.verifier.Verify(*product, users_.at(user).presence_id, std::move(done));
}

void VerifiedUsers::OnAnswer(const UserId& user, const absl::StatusOr<KnownVerdict>& answer) {
  const absl::Time now = parts_.clock.Now();
  if (!answer.ok()) {
    parts_.metrics.verdicts(UserVerdict::kNone).Increment();
    LogFailure(answer.status(), now);
    gate_.OnFailure(user, now);
    return;
  }
  switch (answer->verdict) {
    case Verdict::kValid:
      parts_.metrics.verdicts(UserVerdict::kValid).Increment();
      break;
    case Verdict::kInvalid:
      parts_.metrics.verdicts(UserVerdict::kInvalid).Increment();
      break;
    case Verdict::kIndeterminate:
      parts_.metrics.verdicts(UserVerdict::kIndeterminate).Increment();
      break;
  }
  gate_.OnVerdict(user, *answer, now);
}

void VerifiedUsers::Decide(const VerdictGate::Decision& decision) {
  for (const LoopId loop : users_.at(decision.user).loops) {
    loops_.at(loop)(decision.user, decision.counts);
  }
}

void VerifiedUsers::LogFailure(const absl::Status& status, absl::Time now) {
  if (now < next_log_) return;
  next_log_ = now + absl::Minutes(1);
  parts_.logger.Warning("users_not_verified", {{"status", status}, {"waiting", gate_.waiting()}});
}

}  // namespace livecounter::gateway
