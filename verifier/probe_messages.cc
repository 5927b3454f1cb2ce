#include "verifier/probe_messages.h"

#include "wire/field.h"

namespace livecounter::verifier {
namespace {

v1::VerificationProgress::Step StepMessage(ProbeStep step) {
  switch (step) {
    case ProbeStep::kOwnershipInvalid:
      return v1::VerificationProgress::OWNERSHIP_INVALID;
    case ProbeStep::kOwnershipValid:
      return v1::VerificationProgress::OWNERSHIP_VALID;
    case ProbeStep::kLoadInvalid:
      return v1::VerificationProgress::LOAD_INVALID;
    case ProbeStep::kLoadValid:
      return v1::VerificationProgress::LOAD_VALID;
    default:
      return v1::VerificationProgress::SUMMARY;
  }
}

void EncodeLatency(const LatencySummary& latency, v1::LatencySummary* message) {
  wire::EncodeDuration(latency.p50, message->mutable_p50());
  wire::EncodeDuration(latency.p95, message->mutable_p95());
  wire::EncodeDuration(latency.p99, message->mutable_p99());
  wire::EncodeDuration(latency.max, message->mutable_max());
  for (const LatencySummary::Bucket& bucket : latency.buckets) {
    v1::LatencySummary::Bucket* added = message->add_buckets();
    wire::EncodeDuration(bucket.up_to, added->mutable_up_to());
    added->set_calls(bucket.calls);
  }
}

}  // namespace

void EncodeProgress(const ProbeProgress& progress, v1::VerificationProgress* message) {
  message->set_step(StepMessage(progress.step));
  message->set_answered(progress.answered);
  message->set_expected(progress.expected);
  message->set_step_done(progress.step_done);
  message->set_done(progress.done);
  message->set_passed(progress.passed);
  message->set_reason(progress.reason);
  if (!progress.latency.buckets.empty()) {
    EncodeLatency(progress.latency, message->mutable_latency());
  }
}

}  // namespace livecounter::verifier
