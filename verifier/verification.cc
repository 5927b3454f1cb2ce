#include "verifier/verification.h"

#include <sodium.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace livecounter::verifier {
namespace {

constexpr size_t kHashBytes = 16;

Verdict VerdictOf(const EndpointAnswer& answer, const std::vector<std::string>& api_keys) {
  if (!answer.result.ok()) return Verdict::kIndeterminate;
  return VerdictOfAnswer(answer.status, answer.body, api_keys);
}

observability::VerdictLabel LabelOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kValid:
      return observability::VerdictLabel::kValid;
    case Verdict::kInvalid:
      return observability::VerdictLabel::kInvalid;
    default:
      return observability::VerdictLabel::kIndeterminate;
  }
}

absl::Status Full() {
  return absl::ResourceExhaustedError(
      "too many users of this product wait to be verified; ask again in some seconds");
}

absl::Status Stopping() { return absl::UnavailableError("the verifier is being stopped"); }

}  // namespace

Verification::Verification(const VerdictDesk::Options& options, CustomerEndpoint& endpoint,
                           runtime::Clock& clock, runtime::Random& random,
                           observability::VerifierMetrics& metrics)
    : endpoint_(endpoint),
      clock_(clock),
      random_(random),
      metrics_(metrics),
      hash_key_(random.Bytes(crypto_generichash_KEYBYTES)),
      desk_(options, [&random] { return random.Fraction(); }) {}

AskId Verification::Ask(UserQuestion question, const Done& done) {
  const PresenceHash user = UserOf(question);
  AskId ask = 0;
  absl::optional<absl::StatusOr<KnownVerdict>> answer;
  std::vector<Beginning> calls;
  {
    absl::MutexLock lock(&mutex_);
    ask = ++last_ask_;
    answer = AskDesk(question.product, user, ask);
    if (!answer) {
      waiting_[ask] = {std::move(question), user, done};
      calls = TakeCalls();
    }
    ShowMetrics();
  }
  if (answer) done(*answer);
  Begin(std::move(calls));
  return ask;
}

absl::optional<absl::StatusOr<KnownVerdict>> Verification::AskDesk(absl::string_view product,
                                                                   const PresenceHash& user,
                                                                   AskId ask) {
  if (stopped_) return {Stopping()};
  const VerdictDesk::Asked asked = desk_.Ask(product, user, ask, clock_.Now());
  switch (asked.outcome) {
    case VerdictDesk::Outcome::kAnswered:
      return {asked.known};
    case VerdictDesk::Outcome::kFull:
      metrics_.refused().Increment();
      return {Full()};
    default:
      return absl::nullopt;
  }
}

bool Verification::Withdraw(AskId ask) {
  absl::MutexLock lock(&mutex_);
  const auto found = waiting_.find(ask);
  if (found == waiting_.end()) return false;
  desk_.Withdraw(found->second.question.product, found->second.user, ask);
  waiting_.erase(found);
  ShowMetrics();
  return true;
}

void Verification::Stop() {
  absl::flat_hash_map<AskId, Waiting> waiting;
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
    waiting.swap(waiting_);
  }
  for (const auto& [ask, each] : waiting) each.done(Stopping());
}

void Verification::UpdateMetrics() {
  absl::MutexLock lock(&mutex_);
  desk_.ForgetFailures(clock_.Now());
  ShowMetrics();
}

// The endpoint is a part of who the user is: another one is asked anew. Neither part before it holds a
// NUL.
PresenceHash Verification::UserOf(const UserQuestion& question) const {
  const absl::string_view nul("\0", 1);
  const std::string text =
      absl::StrCat(question.product, nul, question.endpoint.uri, nul, question.presence_id);
  std::string hash(kHashBytes, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(hash.data()), hash.size(),
                     reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                     reinterpret_cast<const unsigned char*>(hash_key_.data()), hash_key_.size());
  return *PresenceHash::FromBytes(hash);
}

std::vector<Verification::Beginning> Verification::TakeCalls() {
  std::vector<Beginning> calls;
  while (!stopped_) {
    absl::optional<VerdictDesk::Call> call = desk_.NextCall(clock_.Now());
    if (!call) break;
    UserQuestion question = waiting_[call->ask].question;
    calls.push_back({*std::move(call), std::move(question)});
  }
  return calls;
}

void Verification::ShowMetrics() {
  metrics_.waiting().Set(static_cast<double>(desk_.asks()));
  metrics_.calls_in_flight().Set(static_cast<double>(desk_.calls()));
  metrics_.open_breakers().Set(static_cast<double>(desk_.open_breakers()));
  metrics_.known().Set(static_cast<double>(desk_.known()));
}

void Verification::Begin(std::vector<Beginning> calls) {
  for (Beginning& each : calls) {
    EndpointCall call = MakeCall(each.question.endpoint, each.question.presence_id,
                                 each.question.trace, clock_.Now(), random_);
    endpoint_.Post(std::move(call), [this, desk_call = std::move(each.call),
                                     api_keys = std::move(each.question.endpoint.api_keys)](
                                        const EndpointAnswer& answer) {
      const Verdict verdict = VerdictOf(answer, api_keys);
      metrics_.verdicts(LabelOf(verdict)).Increment();
      metrics_.call().Observe(absl::ToDoubleSeconds(answer.took));
      End(desk_call, verdict);
    });
  }
}

void Verification::End(const VerdictDesk::Call& call, Verdict verdict) {
  std::vector<std::pair<Done, KnownVerdict>> answered;
  std::vector<Beginning> calls;
  {
    absl::MutexLock lock(&mutex_);
    for (const VerdictDesk::Answered& each : desk_.End(call, verdict, clock_.Now())) {
      const auto found = waiting_.find(each.ask);
      if (found == waiting_.end()) continue;  // answered by Stop()
      answered.emplace_back(std::move(found->second.done), each.known);
      waiting_.erase(found);
    }
    calls = TakeCalls();
    ShowMetrics();
  }
  for (const auto& [done, known] : answered) done(known);
  Begin(std::move(calls));
}

}  // namespace livecounter::verifier
