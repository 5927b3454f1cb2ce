#include "gateway/upstream/grpc_verifier_client.h"

#include <grpcpp/channel.h>

#include <chrono>
#include <utility>

#include "absl/strings/string_view.h"
#include "core/rendezvous.h"
#include "livecounter/v1/verifier_service.grpc.pb.h"
#include "observability/trace_context.h"
#include "services/runtime/bearer_token.h"
#include "services/runtime/grpc_status.h"
#include "services/runtime/grpc_trace.h"
#include "sodium.h"

namespace livecounter::gateway {
namespace {

absl::StatusOr<KnownVerdict> Decode(const v1::VerifyUserResponse& response) {
  KnownVerdict known;
  switch (response.verdict()) {
    case v1::VerifyUserResponse::VALID:
      known.verdict = Verdict::kValid;
      break;
    case v1::VerifyUserResponse::INVALID:
      known.verdict = Verdict::kInvalid;
      break;
    case v1::VerifyUserResponse::INDETERMINATE:
      known.verdict = Verdict::kIndeterminate;
      break;
    default:
      return absl::InternalError("the verifier gave an answer that is no verdict");
  }
  known.ask_again_after = absl::Seconds(response.ask_again_after().seconds()) +
                          absl::Nanoseconds(response.ask_again_after().nanos());
  known.was_valid = response.was_valid();
  return known;
}

}  // namespace

struct GrpcVerifierClient::Call {
  // What a presence ID leaves in memory goes with the call.
  ~Call() {
    std::string& bytes = *request.mutable_presence_id();
    sodium_memzero(bytes.data(), bytes.size());
  }

  Done done;
  std::unique_ptr<v1::VerifierService::Stub> stub;
  grpc::ClientContext context;
  v1::VerifyUserRequest request;
  v1::VerifyUserResponse response;
};

GrpcVerifierClient::GrpcVerifierClient(Options options, runtime::Random& random)
    : options_(std::move(options)), random_(random) {}

GrpcVerifierClient::~GrpcVerifierClient() { Stop(); }

const GrpcVerifierClient::Worker& GrpcVerifierClient::WorkerOf(const std::string& product) const {
  std::vector<absl::string_view> names;
  for (const Worker& worker : options_.workers) names.push_back(worker.name);
  const std::vector<size_t> ranked = RankWorkers(names, product);
  for (const size_t index : ranked) {
    const Worker& worker = options_.workers[index];
    const auto state = worker.channel->GetState(/*try_to_connect=*/true);
    if (state != GRPC_CHANNEL_TRANSIENT_FAILURE && state != GRPC_CHANNEL_SHUTDOWN) return worker;
  }
  return options_.workers[ranked.front()];
}

void GrpcVerifierClient::Verify(const Product& product, const PresenceId& presence_id, Done done) {
  auto owned = std::make_unique<Call>();
  Call* const call = owned.get();
  call->done = std::move(done);
  call->stub = v1::VerifierService::NewStub(WorkerOf(product.name).channel);
  call->context.AddMetadata("authorization", runtime::AuthorizationHeader(options_.token));
  // No request of a client waits for the answer, so the trace begins here.
  runtime::PassTrace(observability::TraceContext::Begin(random_.Uint64() | 1, random_.Uint64(),
                                                        random_.Uint64() | 1),
                     call->context);
  call->context.set_deadline(std::chrono::system_clock::now() +
                             absl::ToChronoMilliseconds(options_.deadline));
  call->request.set_product(product.name);
  call->request.set_presence_id(std::string(presence_id.bytes()));
  v1::CustomerEndpoint& endpoint = *call->request.mutable_endpoint();
  endpoint.set_uri(product.verification->endpoint_uri);
  endpoint.set_signing_secret(product.verification->signing_secret);
  for (const std::string& key : product.api_keys) endpoint.add_api_keys(key);
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) return;
    calls_.insert(owned.release());
  }
  call->stub->async()->VerifyUser(
      &call->context, &call->request, &call->response, [this, call](const grpc::Status& status) {
        Finish(call, status.ok() ? Decode(call->response)
                                 : absl::StatusOr<KnownVerdict>(runtime::FromGrpcStatus(status)));
      });
}

void GrpcVerifierClient::Finish(Call* call, const absl::StatusOr<KnownVerdict>& answer) {
  const std::unique_ptr<Call> owned(call);
  call->done(answer);
  absl::MutexLock lock(&mutex_);
  calls_.erase(call);
}

void GrpcVerifierClient::Stop() {
  absl::MutexLock lock(&mutex_);
  stopping_ = true;
  for (Call* call : calls_) call->context.TryCancel();
  const auto none = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return calls_.empty(); };
  mutex_.Await(absl::Condition(&none));
}

}  // namespace livecounter::gateway
