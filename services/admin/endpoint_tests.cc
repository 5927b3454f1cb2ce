#include "services/admin/endpoint_tests.h"

#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/admin/checks.h"
#include "services/admin/record_access.h"
#include "services/admin/secrets.h"
#include "services/runtime/bearer_token.h"
#include "services/runtime/grpc_status.h"
#include "services/runtime/grpc_trace.h"
#include "services/runtime/principal.h"
#include "wire/names.h"

namespace livecounter::admin {
namespace {

using Progress = v1::VerificationProgress;

constexpr absl::Duration kPassedFor = absl::Minutes(10);

absl::Status NoVerifier() {
  return runtime::WithReason(
      absl::FailedPreconditionError("this deployment has no verifier: its operator starts "
                                    "livecounter-verifier and names it with --verifier"),
      "NO_VERIFIER");
}

absl::Status NoEndpoint() {
  return runtime::WithReason(
      absl::FailedPreconditionError("verification.endpoint_uri: got nothing, and the product has "
                                    "no saved one; name the endpoint to test"),
      "NO_VERIFICATION_ENDPOINT");
}

absl::Status NoApiKey(absl::string_view product) {
  return runtime::WithReason(
      absl::FailedPreconditionError(absl::StrCat(product,
                                                 " has no active API key, which the endpoint must "
                                                 "answer with; create one")),
      "NO_API_KEY");
}

// Whether it is an answer to what the caller asked for, and not a fault between the verifier and us.
bool IsForCaller(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
      return true;
    default:
      return false;
  }
}

std::string PassedTestName(absl::string_view product, absl::string_view endpoint_uri) {
  return HashHex(absl::StrCat(product, "\n", endpoint_uri));
}

}  // namespace

// What a call asks for.
struct EndpointTests::Plan {
  std::string product;
  std::string endpoint_uri;  // "": the product's own
  bool save = false;
  bool enabled = false;  // where it is saved
  Trace trace = {};
};

// One call: reads from the verifier what it writes to the caller, one message at a time. Deletes itself
// when both calls are over: the caller's ends in OnProbeDone(), or before the verifier's has begun.
class EndpointTests::Relay final : public Reactor {
 public:
  Relay(EndpointTests& tests, Plan plan)
      : tests_(tests), plan_(std::move(plan)), probe_reactor_(*this) {
    if (!tests_.workers_.TryRun([this] { Begin(); })) Finish(runtime::ToGrpcStatus(Busy()));
  }

  // --- The caller's call. ---

  void OnWriteDone(bool ok) override {
    if (!ok) context_.TryCancel();
    probe_reactor_.StartRead(&progress_);
  }
  void OnCancel() override { context_.TryCancel(); }
  void OnDone() override { delete this; }

 private:
  // The verifier's call.
  class ProbeReactor final : public grpc::ClientReadReactor<Progress> {
   public:
    explicit ProbeReactor(Relay& relay) : relay_(relay) {}
    void OnReadDone(bool ok) override { relay_.OnProbeRead(ok); }
    void OnDone(const grpc::Status& status) override { relay_.OnProbeDone(status); }

   private:
    Relay& relay_;
  };

  static absl::Status Busy() {
    return runtime::WithReason(
        absl::ResourceExhaustedError("too many calls wait; try again in a moment"), "BUSY");
  }

  void Begin() {
    auto probe = tests_.Prepare(plan_);
    if (!probe.ok()) return Finish(runtime::ToGrpcStatus(probe.status()));
    probe_ = *std::move(probe);
    context_.AddMetadata("authorization", runtime::AuthorizationHeader(tests_.verifier_.token));
    runtime::PassTrace(plan_.trace, context_);
    tests_.stub_->async()->ProbeEndpoint(&context_, &probe_, &probe_reactor_);
    // Reads are started from the caller's reactions, too.
    probe_reactor_.AddHold();
    probe_reactor_.StartRead(&progress_);
    probe_reactor_.StartCall();
  }

  void OnProbeRead(bool ok) {
    if (!ok) return probe_reactor_.RemoveHold();
    if (!progress_.done() || !progress_.passed()) return StartWrite(&progress_);
    if (!tests_.workers_.TryRun([this] { Conclude(); })) Abandon(Busy());
  }
  void Conclude() {
    if (absl::Status concluded = tests_.Conclude(plan_, probe_); !concluded.ok()) {
      return Abandon(std::move(concluded));
    }
    StartWrite(&progress_);
  }
  // Ends the call with this, whatever the verifier says.
  void Abandon(absl::Status status) {
    failed_ = std::move(status);
    context_.TryCancel();
    probe_reactor_.StartRead(&progress_);  // which ends, so that the hold is removed
  }
  void OnProbeDone(const grpc::Status& status) {
    Finish(runtime::ToGrpcStatus(failed_.ok() ? tests_.ForCaller(runtime::FromGrpcStatus(status))
                                              : failed_));
  }

  EndpointTests& tests_;
  const Plan plan_;
  v1::ProbeEndpointRequest probe_;
  grpc::ClientContext context_;
  Progress progress_;
  absl::Status failed_;
  ProbeReactor probe_reactor_;
};

EndpointTests::EndpointTests(Verifier verifier, CatalogParts parts, Products& products,
                             runtime::WorkerPool& workers, const observability::Logger& logger)
    : verifier_(std::move(verifier)),
      stub_(verifier_.channel == nullptr ? nullptr
                                         : v1::VerifierService::NewStub(verifier_.channel)),
      parts_(parts),
      products_(products),
      workers_(workers),
      logger_(logger) {}

EndpointTests::Reactor* EndpointTests::Test(const v1::TestVerificationRequest& request,
                                            const Trace& trace) {
  return new Relay(*this, {.product = request.name(),
                           .endpoint_uri = request.verification().endpoint_uri(),
                           .trace = trace});
}

EndpointTests::Reactor* EndpointTests::Save(const v1::SaveVerificationRequest& request,
                                            const Trace& trace) {
  return new Relay(*this, {.product = request.name(),
                           .endpoint_uri = request.verification().endpoint_uri(),
                           .save = true,
                           .enabled = request.verification().enabled(),
                           .trace = trace});
}

absl::Status EndpointTests::ForCaller(const absl::Status& status) const {
  if (IsForCaller(status)) return status;
  logger_.Warning("verifier_unavailable", {{"error", status}});
  return runtime::WithReason(
      absl::UnavailableError(
          "the verifier, which tests endpoints, cannot be reached now; nothing is "
          "known of your endpoint: try again in a moment"),
      "VERIFIER_UNAVAILABLE");
}

absl::StatusOr<v1::ProbeEndpointRequest> EndpointTests::Prepare(const Plan& plan) {
  if (absl::Status form = wire::CheckProductName(plan.product); !form.ok()) return form;
  const std::shared_ptr<const Product> product = parts_.catalog.FindProduct(plan.product);
  if (product == nullptr) return runtime::NoSuch("product", plan.product);
  const std::string& uri =
      plan.endpoint_uri.empty() ? product->data.endpoint_uri() : plan.endpoint_uri;
  if (uri.empty()) return NoEndpoint();
  if (absl::Status form = CheckEndpointUri("verification.endpoint_uri", uri); !form.ok()) {
    return form;
  }
  const std::vector<std::string> keys = parts_.catalog.ActiveKeys(plan.product);
  if (keys.empty()) return NoApiKey(plan.product);
  if (stub_ == nullptr) return NoVerifier();

  v1::ProbeEndpointRequest probe;
  probe.set_product(plan.product);
  probe.mutable_endpoint()->set_uri(uri);
  probe.mutable_endpoint()->set_signing_secret(FormatSigningSecret(product->data.signing_secret()));
  for (const std::string& key : keys) probe.mutable_endpoint()->add_api_keys(key);
  if (plan.save) {
    const absl::StatusOr<bool> passed = HasPassed(plan.product, uri);
    if (!passed.ok()) return passed.status();
    probe.set_ownership_only(*passed);
  }
  return probe;
}

absl::Status EndpointTests::Conclude(const Plan& plan, const v1::ProbeEndpointRequest& probe) {
  const std::string& uri = probe.endpoint().uri();
  if (!probe.ownership_only()) {
    const storage::v1::PassedTestRecord passed;
    const auto written =
        parts_.records.Write({{.key = RecordKey(kPassedTestKind, PassedTestName(plan.product, uri)),
                               .value = passed.SerializeAsString(),
                               .expire_at = parts_.clock.Now() + kPassedFor}});
    if (!written.ok()) return written.status();
  }
  if (!plan.save) return absl::OkStatus();
  return products_.SaveEndpoint(plan.product, uri, plan.enabled).status();
}

absl::StatusOr<bool> EndpointTests::HasPassed(absl::string_view product,
                                              absl::string_view endpoint_uri) {
  const auto passed =
      parts_.records.Find(RecordKey(kPassedTestKind, PassedTestName(product, endpoint_uri)));
  if (!passed.ok()) return passed.status();
  return passed->has_value();
}

}  // namespace livecounter::admin
