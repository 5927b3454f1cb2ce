#include "cli/client.h"

#include <grpcpp/channel.h>

#include <chrono>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/call_errors.h"
#include "services/runtime/bearer_token.h"
#include "services/runtime/grpc_client.h"
#include "services/runtime/grpc_status.h"

namespace livecounter::cli {
namespace {

constexpr int kMaxMessageBytes = 64 << 20;

}  // namespace

absl::StatusOr<std::unique_ptr<Client>> Client::Make(const ClientOptions& options) {
  absl::StatusOr<std::shared_ptr<grpc::Channel>> channel =
      runtime::MakeGrpcChannel({.target = options.server,
                                .use_tls = options.tls,
                                .tls = options.tls_files,
                                .max_message_bytes = kMaxMessageBytes});
  if (!channel.ok()) return channel.status();
  std::unique_ptr<Client> client(new Client(options));
  client->channel_ = *std::move(channel);
  client->admin_ = v1::AdminService::NewStub(client->channel_);
  client->counters_ = v1::CounterService::NewStub(client->channel_);
  return client;
}

absl::Status Client::WaitForConnection() {
  const absl::Time deadline = absl::Now() + options_.timeout;
  if (channel_->WaitForConnected(absl::ToChronoTime(deadline))) return absl::OkStatus();
  return Explain({grpc::StatusCode::UNAVAILABLE, "no connection in time"});
}

void Client::Prepare(grpc::ClientContext* context) const {
  if (options_.timeout != absl::InfiniteDuration()) {
    context->set_deadline(absl::ToChronoTime(absl::Now() + options_.timeout));
  }
  if (!options_.token.empty()) {
    context->AddMetadata("authorization", runtime::AuthorizationHeader(options_.token));
  }
}

absl::Status Client::Explain(const grpc::Status& status) const {
  // Our servers send details with every error (grpc_status.h); what gRPC finds out on this side has none.
  const bool answered = !status.error_details().empty();
  return ExplainCall(runtime::FromGrpcStatus(status), {.server = options_.server,
                                                       .timeout = options_.timeout,
                                                       .tls = options_.tls,
                                                       .with_token = !options_.token.empty(),
                                                       .answered = answered});
}

}  // namespace livecounter::cli
