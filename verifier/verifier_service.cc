#include "verifier/verifier_service.h"

#include <deque>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "livecounter/v1/verifier_service.grpc.pb.h"
#include "services/runtime/call_authorization.h"
#include "services/runtime/grpc_status.h"
#include "services/runtime/grpc_trace.h"
#include "verifier/probe_messages.h"
#include "wire/field.h"

namespace livecounter::verifier {
namespace {

using observability::ProbeResult;
using Tokens = std::vector<runtime::TokenVerifier>;

absl::Status CheckTokens(const grpc::CallbackServerContext& context, const Tokens& tokens) {
  absl::Status denied;
  for (const runtime::TokenVerifier& token : tokens) {
    denied = runtime::CheckBearer(context, token);
    if (denied.ok()) return denied;
  }
  return denied;
}

EndpointSettings Settings(const v1::CustomerEndpoint& endpoint) {
  return {endpoint.uri(),
          {endpoint.api_keys().begin(), endpoint.api_keys().end()},
          endpoint.signing_secret()};
}

v1::VerifyUserResponse::Verdict VerdictMessage(Verdict verdict) {
  switch (verdict) {
    case Verdict::kValid:
      return v1::VerifyUserResponse::VALID;
    case Verdict::kInvalid:
      return v1::VerifyUserResponse::INVALID;
    default:
      return v1::VerifyUserResponse::INDETERMINATE;
  }
}

// One ask: finished by its answer, or by the caller's going away, whichever comes first.
class VerifyCall final : public grpc::ServerUnaryReactor {
 public:
  VerifyCall(Verification& verification, UserQuestion question, const absl::Status& allowed,
             v1::VerifyUserResponse* response)
      : verification_(verification) {
    const absl::Status good = allowed.ok() ? CheckQuestion(question) : allowed;
    if (!good.ok()) {
      Finish(runtime::ToGrpcStatus(good));
      return;
    }
    ask_ = verification_.Ask(std::move(question),
                             [this, response](const absl::StatusOr<KnownVerdict>& known) {
                               if (known.ok()) Fill(*known, response);
                               Finish(runtime::ToGrpcStatus(known.status()));
                             });
  }

  // gRPC calls neither before the method has returned.
  void OnCancel() override {
    if (verification_.Withdraw(ask_)) Finish(grpc::Status::CANCELLED);
  }
  void OnDone() override { delete this; }

 private:
  static void Fill(const KnownVerdict& known, v1::VerifyUserResponse* response) {
    response->set_verdict(VerdictMessage(known.verdict));
    wire::EncodeDuration(known.ask_again_after, response->mutable_ask_again_after());
    response->set_was_valid(known.was_valid);
  }

  Verification& verification_;
  AskId ask_ = 0;  // none has this one
};

// What a probe tells and its stream has not written yet. Shared by both, as either may go first.
class ProbeOutbox {
 public:
  using Reactor = grpc::ServerWriteReactor<v1::VerificationProgress>;

  explicit ProbeOutbox(Reactor* reactor) : reactor_(reactor) {}

  void Add(const ProbeProgress& progress) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    if (reactor_ == nullptr) return;
    progress_.push_back(progress);
    if (!writing_) WriteNext();
  }
  void OnWritten(bool ok) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    if (reactor_ == nullptr) return;
    writing_ = false;
    if (!ok) return End(grpc::Status::CANCELLED);
    if (message_.done()) return End(grpc::Status::OK);
    if (!progress_.empty()) WriteNext();
  }
  // Whatever the probe has told is dropped.
  void Close(const grpc::Status& status) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    if (reactor_ != nullptr) End(status);
  }

 private:
  void WriteNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    message_.Clear();
    EncodeProgress(progress_.front(), &message_);
    progress_.pop_front();
    writing_ = true;
    reactor_->StartWrite(&message_);
  }
  void End(const grpc::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    std::exchange(reactor_, nullptr)->Finish(status);
  }

  absl::Mutex mutex_;
  Reactor* reactor_ ABSL_GUARDED_BY(mutex_);  // null once it is finished
  std::deque<ProbeProgress> progress_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  v1::VerificationProgress message_;  // being written
};

class ProbeCall final : public ProbeOutbox::Reactor {
 public:
  ProbeCall(const EndpointProbe::Parts& parts, const ProbeRequest& request,
            const absl::Status& allowed, observability::VerifierMetrics& metrics)
      : outbox_(std::make_shared<ProbeOutbox>(this)), metrics_(metrics) {
    const absl::Status started = allowed.ok() ? Start(parts, request) : allowed;
    if (started.ok()) return;
    metrics_.probes(ProbeResult::kRefused).Increment();
    outbox_->Close(runtime::ToGrpcStatus(started));
  }

  void OnWriteDone(bool ok) override { outbox_->OnWritten(ok); }
  void OnCancel() override {
    if (probe_ != nullptr) probe_->Cancel();
    outbox_->Close(grpc::Status::CANCELLED);
  }
  void OnDone() override { delete this; }

 private:
  absl::Status Start(const EndpointProbe::Parts& parts, const ProbeRequest& request) {
    if (absl::Status good = CheckProbe(request); !good.ok()) return good;
    auto probe = EndpointProbe::Start(
        request, parts, [outbox = outbox_, &metrics = metrics_](const ProbeProgress& progress) {
          if (progress.done) {
            metrics.probes(progress.passed ? ProbeResult::kPassed : ProbeResult::kFailed)
                .Increment();
          }
          outbox->Add(progress);
        });
    if (!probe.ok()) return probe.status();
    probe_ = *std::move(probe);
    return absl::OkStatus();
  }

  const std::shared_ptr<ProbeOutbox> outbox_;
  observability::VerifierMetrics& metrics_;
  std::shared_ptr<EndpointProbe> probe_;
};

}  // namespace

class VerifierService::Impl final : public v1::VerifierService::CallbackService {
 public:
  Impl(Verification& verification, const EndpointProbe::Parts& probes, const Tokens& tokens,
       observability::VerifierMetrics& metrics)
      : verification_(verification), probes_(probes), tokens_(tokens), metrics_(metrics) {}

  grpc::ServerUnaryReactor* VerifyUser(grpc::CallbackServerContext* context,
                                       const v1::VerifyUserRequest* request,
                                       v1::VerifyUserResponse* response) override {
    UserQuestion question = {request->product(), request->presence_id(),
                             Settings(request->endpoint()), runtime::TraceOf(*context)};
    return new VerifyCall(verification_, std::move(question), CheckTokens(*context, tokens_),
                          response);
  }

  ProbeOutbox::Reactor* ProbeEndpoint(grpc::CallbackServerContext* context,
                                      const v1::ProbeEndpointRequest* request) override {
    const ProbeRequest probe = {request->product(), Settings(request->endpoint()),
                                request->ownership_only(), runtime::TraceOf(*context)};
    return new ProbeCall(probes_, probe, CheckTokens(*context, tokens_), metrics_);
  }

 private:
  Verification& verification_;
  const EndpointProbe::Parts probes_;
  const Tokens& tokens_;
  observability::VerifierMetrics& metrics_;
};

VerifierService::VerifierService(Verification& verification, const EndpointProbe::Parts& probes,
                                 const std::vector<runtime::TokenVerifier>& tokens,
                                 observability::VerifierMetrics& metrics)
    : impl_(std::make_unique<Impl>(verification, probes, tokens, metrics)) {}

VerifierService::~VerifierService() = default;

runtime::GrpcService VerifierService::service() const {
  return {v1::VerifierService::service_full_name(), impl_.get()};
}

}  // namespace livecounter::verifier
