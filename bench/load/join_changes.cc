#include "bench/load/join_changes.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "core/share.h"
#include "services/runtime/grpc_client.h"

namespace livecounter::bench {
namespace {

constexpr absl::Duration kConnectTimeout = absl::Seconds(5);

}  // namespace

JoinChanges::JoinChanges(Options options) : options_(std::move(options)) {}

absl::Status JoinChanges::Begin(int counters, int64_t base) {
  absl::StatusOr<std::shared_ptr<grpc::Channel>> channel =
      runtime::MakeGrpcChannel({.target = options_.edge});
  if (!channel.ok()) return channel.status();
  client_ = std::make_unique<gateway::EdgeCounterClient>(
      gateway::EdgeCounterClient::Options{.token = options_.token, .batch = options_.batch},
      *std::move(channel), clock_, random_, logger_);
  loop_ = client_->AddLoop([](const gateway::LoopNews&) {});
  for (const absl::Time end = absl::Now() + kConnectTimeout; !client_->EverConnected();) {
    if (absl::Now() > end) {
      return absl::UnavailableError(
          absl::StrCat("no counter service takes us at ", options_.edge,
                       " (--edge, --edge_token_file): ", client_->LastFailure().message()));
    }
    absl::SleepFor(absl::Milliseconds(5));
  }

  gateway::LoopCommands commands;
  for (int counter = 0; counter < counters; ++counter) {
    PresenceDelta delta{.counter = Name(counter), .joined = {}, .left = {}};
    for (int64_t i = 0; i < base; ++i) delta.joined.push_back(NextVisitor());
    commands.presence.push_back(std::move(delta));
  }
  client_->Send(loop_, std::move(commands));
  return absl::OkStatus();
}

void JoinChanges::Make(int counter, int64_t /*number*/) {
  gateway::LoopCommands commands;
  commands.presence.push_back({.counter = Name(counter), .joined = {NextVisitor()}, .left = {}});
  client_->Send(loop_, std::move(commands));
}

absl::Status JoinChanges::Poll(int milliseconds) {
  absl::SleepFor(absl::Milliseconds(milliseconds));
  return client_->LastFailure();
}

CounterId JoinChanges::Name(int counter) const {
  return {options_.product,
          absl::StrReplaceAll(options_.name, {{"{counter}", absl::StrCat(counter)}})};
}

// High bits apart from what a hash of a real presence ID may be, as good as surely.
PresenceHash JoinChanges::NextVisitor() { return {.high = 0x6C6F6164, .low = ++visitors_}; }

}  // namespace livecounter::bench
