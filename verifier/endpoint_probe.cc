#include "verifier/endpoint_probe.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "verifier/answer_fault.h"
#include "verifier/endpoint_uri.h"
#include "wire/names.h"

namespace livecounter::verifier {
namespace {

// Progress is told after so many right answers.
constexpr int kToldEvery = 25;
// So many kinds of faults are told, the most frequent ones.
constexpr size_t kToldFaults = 3;

bool IsLoad(ProbeStep step) {
  return step == ProbeStep::kLoadInvalid || step == ProbeStep::kLoadValid;
}

bool AsksForInvalid(ProbeStep step) {
  return step == ProbeStep::kOwnershipInvalid || step == ProbeStep::kLoadInvalid;
}

int CallsOf(ProbeStep step) { return IsLoad(step) ? kLoadCalls : 1; }
int StatusOf(ProbeStep step) { return AsksForInvalid(step) ? 401 : 200; }
absl::string_view PresenceIdOf(ProbeStep step) {
  return AsksForInvalid(step) ? "w-invalid" : "w-valid";
}

// What a load is sent against: a host is the same with the root's dot after it.
std::string TargetOf(const std::string& uri) {
  const std::string host = ParseEndpointUri(uri).value().host;
  return std::string(absl::StripSuffix(host, "."));
}

}  // namespace

absl::Status CheckProbe(const ProbeRequest& request) {
  absl::Status product = wire::CheckProductName(request.product);
  if (!product.ok()) return product;
  return CheckSettings(request.endpoint);
}

absl::StatusOr<std::shared_ptr<EndpointProbe>> EndpointProbe::Start(const ProbeRequest& request,
                                                                    const Parts& parts,
                                                                    Listener listener) {
  const std::string host = TargetOf(request.endpoint.uri);
  if (!request.ownership_only) {
    const absl::Status may = parts.limits.Begin(request.product, host, parts.clock.Now());
    if (!may.ok()) return may;
  }
  const std::shared_ptr<EndpointProbe> probe(
      new EndpointProbe(request, parts, host, std::move(listener)));
  probe->BeginStep();
  return probe;
}

EndpointProbe::EndpointProbe(const ProbeRequest& request, const Parts& parts, std::string host,
                             Listener listener)
    : request_(request), parts_(parts), host_(std::move(host)), listener_(std::move(listener)) {}

void EndpointProbe::BeginStep() {
  ProbeProgress progress;
  {
    absl::MutexLock lock(&mutex_);
    answered_ = 0;
    ended_ = 0;
    faults_.clear();
    took_.clear();
    progress = Progress();
  }
  Tell(progress);
  if (progress.step == ProbeStep::kLoadInvalid) {
    parts_.limits.LoadStarts(request_.product, parts_.clock.Now());
  }
  std::vector<EndpointCall> calls;
  calls.reserve(static_cast<size_t>(CallsOf(progress.step)));
  for (int i = 0; i < CallsOf(progress.step); ++i) {
    calls.push_back(MakeCall(request_.endpoint, PresenceIdOf(progress.step), request_.trace,
                             parts_.clock.Now(), parts_.random));
  }
  parts_.endpoint.PostTogether(std::move(calls),
                               [self = shared_from_this()](size_t, const EndpointAnswer& answer) {
                                 self->OnAnswer(answer);
                               });
}

void EndpointProbe::OnAnswer(const EndpointAnswer& answer) {
  ProbeProgress progress;
  bool tell = false;
  {
    absl::MutexLock lock(&mutex_);
    const std::string fault = FaultOf(answer, StatusOf(step_), request_.endpoint.api_keys);
    took_.push_back(answer.took);
    ++ended_;
    if (fault.empty()) {
      ++answered_;
      tell = answered_ % kToldEvery == 0;
    } else {
      ++faults_[fault];
    }
    progress = Progress();
    if (progress.step_done && IsLoad(step_)) {
      all_loads_took_.insert(all_loads_took_.end(), took_.begin(), took_.end());
    }
  }
  if (progress.step_done) return EndStep(progress);
  if (tell) Tell(progress);
}

void EndpointProbe::EndStep(const ProbeProgress& progress) {
  Tell(progress);
  const ProbeStep last =
      request_.ownership_only ? ProbeStep::kOwnershipValid : ProbeStep::kLoadValid;
  if (!progress.passed || progress.step == last || cancelled_) {
    return EndAll(progress.passed && progress.step == last, progress.reason);
  }
  {
    absl::MutexLock lock(&mutex_);
    step_ = static_cast<ProbeStep>(static_cast<int>(step_) + 1);
  }
  BeginStep();
}

void EndpointProbe::EndAll(bool passed, const std::string& reason) {
  if (!request_.ownership_only) parts_.limits.End(request_.product, host_);
  ProbeProgress summary = {.done = true, .passed = passed, .reason = reason};
  {
    absl::MutexLock lock(&mutex_);
    summary.answered = answered_;
    summary.expected = CallsOf(step_);
    summary.latency = Summarize(all_loads_took_);
  }
  summary.step_done = true;
  Tell(summary);
}

void EndpointProbe::Tell(const ProbeProgress& progress) {
  if (!cancelled_) listener_(progress);
}

ProbeProgress EndpointProbe::Progress() const {
  ProbeProgress progress = {.step = step_, .answered = answered_, .expected = CallsOf(step_)};
  if (ended_ < progress.expected) return progress;
  progress.step_done = true;
  progress.passed = answered_ == progress.expected;
  if (!progress.passed) progress.reason = Reason();
  if (IsLoad(step_)) progress.latency = Summarize(took_);
  return progress;
}

std::string EndpointProbe::Reason() const {
  const std::string wanted =
      absl::StrCat("the status ", StatusOf(step_), " and an API key of this product as its body");
  if (!IsLoad(step_)) {
    return absl::StrCat("A call with the pId \"", PresenceIdOf(step_), "\" must be answered with ",
                        wanted, ", but ", faults_.begin()->first, ".");
  }
  std::vector<std::pair<int, std::string>> faults;
  for (const auto& [fault, times] : faults_) faults.emplace_back(-times, fault);
  std::sort(faults.begin(), faults.end());
  faults.resize(std::min(faults.size(), kToldFaults));
  std::string reason = absl::StrCat("Of ", kLoadCalls, " calls at the same time with the pId \"",
                                    PresenceIdOf(step_),
                                    "\", all must "
                                    "be answered within ",
                                    absl::FormatDuration(kCallTimeout), " with ", wanted, "; ",
                                    answered_, " were. Of the others:");
  for (const auto& [times, fault] : faults) {
    absl::StrAppend(&reason, " ", -times, " × ", fault, ".");
  }
  return reason;
}

}  // namespace livecounter::verifier
