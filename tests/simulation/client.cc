#include "tests/simulation/client.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace livecounter::simulation {
namespace {

constexpr absl::Duration kHalfOpenAtMost = absl::Seconds(35);  // ping every 25 s, pong within 10 s

}  // namespace

Client::Client(Scheduler* scheduler, std::vector<std::unique_ptr<Gateway>>* gateways,
               Ledger* ledger, Traits traits, OnShown on_shown)
    : scheduler_(scheduler),
      gateways_(gateways),
      ledger_(ledger),
      traits_(std::move(traits)),
      on_shown_(std::move(on_shown)) {}

void Client::Start() {
  Connect();
  if (traits_.posts_per_second > 0) PostOften();
  if (traits_.restless) {
    scheduler_->After(scheduler_->Between(absl::Seconds(1), absl::Seconds(15)),
                      [this] { LeaveAndReturn(); });
  }
}

Gateway* Client::AnyGateway() {
  std::vector<Gateway*> serving;
  for (auto& gateway : *gateways_) {
    if (gateway->serving()) serving.push_back(gateway.get());
  }
  if (serving.empty()) return nullptr;
  return serving[scheduler_->Between(0, static_cast<int>(serving.size()) - 1)];
}

void Client::Connect() {
  gateway_ = AnyGateway();
  if (gateway_ == nullptr) return Reconnect();
  incarnation_ = gateway_->incarnation();
  connection_ = std::make_shared<Connection>();
  connection_->counter = traits_.counter;
  connection_->hash = traits_.user;
  connection_->contributes = traits_.contributes;
  connection_->on_change = [this](const Change& change) { OnChange(change); };
  connection_->on_lost = [this, connection = connection_.get()] {
    if (connection_.get() != connection) return;  // the client left before it heard
    connection_->on_change = nullptr;
    connection_ = nullptr;
    shown_.reset();
    Reconnect();
  };
  here_since_ = std::min(here_since_, scheduler_->now());
  gateway_->Open(connection_);
}

void Client::Reconnect() {
  scheduler_->After(scheduler_->Between(absl::ZeroDuration(), absl::Seconds(1)), [this] {
    if (wants_in_ && connection_ == nullptr) Connect();
  });
}

void Client::LeaveAndReturn() {
  if (resting_) return;
  const absl::Duration away = scheduler_->Chance(0.5)
                                  ? scheduler_->Between(absl::ZeroDuration(), absl::Seconds(1))
                                  : scheduler_->Between(absl::Seconds(1), absl::Seconds(20));
  Leave(away);
  scheduler_->After(away + scheduler_->Between(absl::Seconds(1), absl::Seconds(15)),
                    [this] { LeaveAndReturn(); });
}

void Client::Leave(absl::Duration away) {
  if (auto connection = std::exchange(connection_, nullptr)) {
    connection->on_lost = nullptr;
    connection->on_change = nullptr;
    const bool clean = scheduler_->Chance(0.5);
    const bool half_open = !clean && scheduler_->Chance(0.3);
    const absl::Duration noticed = half_open
                                       ? scheduler_->Between(absl::ZeroDuration(), kHalfOpenAtMost)
                                       : absl::ZeroDuration();
    scheduler_->After(noticed, [gateway = gateway_, incarnation = incarnation_, connection, clean] {
      if (gateway->serving() && gateway->incarnation() == incarnation) {
        gateway->Close(connection, clean);
      }
    });
    shown_.reset();
  }
  wants_in_ = false;
  here_since_ = absl::InfiniteFuture();
  const int leave = ++leaves_;
  scheduler_->After(away, [this, leave] {
    if (leave != leaves_) return;
    wants_in_ = true;
    if (connection_ == nullptr) Connect();
  });
}

void Client::OnChange(const Change& change) {
  if (shown_ && change.version < shown_->version) {
    violations_.push_back(absl::StrCat("a connection to ", change.counter.id, " was shown ",
                                       change.version.ToString(), " after ",
                                       shown_->version.ToString()));
  }
  absl::optional<int64_t> before;
  if (shown_) before = shown_->present;
  shown_ = change;
  on_shown_(*this, before, change.present);
}

void Client::Rest() {
  resting_ = true;
  if (traits_.restless && scheduler_->Chance(0.3)) Leave(absl::InfiniteDuration());
}

void Client::PostOften() {
  if (resting_) return;
  Gateway* gateway = AnyGateway();
  const int timeline = ledger_->Begin(traits_.counter);
  if (traits_.keyed) {
    PostKeyed(absl::StrCat("key-", scheduler_->random()()), timeline);
  } else if (gateway == nullptr) {
    ledger_->NotCounted(traits_.counter);
  } else {
    gateway->Post(traits_.counter, "", [this, timeline](HitReply reply) {
      switch (reply.kind) {
        case HitReply::Kind::kCounted:
          return ledger_->Answered(traits_.counter, timeline, reply.value);
        case HitReply::Kind::kUnknown:
          return ledger_->Unknown(traits_.counter);
        case HitReply::Kind::kSurelyNot:
          return ledger_->NotCounted(traits_.counter);
      }
    });
  }
  const double gap = scheduler_->Uniform() * 2 / traits_.posts_per_second;
  scheduler_->After(absl::Seconds(gap), [this] { PostOften(); });
}

void Client::PostKeyed(const std::string& key, int timeline) {
  auto answered = std::make_shared<bool>(false);
  if (Gateway* gateway = AnyGateway()) {
    gateway->Post(traits_.counter, key, [this, key, timeline, answered](HitReply reply) {
      if (*answered || reply.kind != HitReply::Kind::kCounted) return;
      *answered = true;
      ledger_->Answered(traits_.counter, timeline, reply.value);
    });
  }
  // Patience a little above the gateway's own deadline; then the same key again, anywhere.
  scheduler_->After(absl::Seconds(6), [this, key, timeline, answered] {
    if (!*answered) {
      *answered = true;
      ledger_->Repeated(traits_.counter);
      PostKeyed(key, timeline);
    }
  });
}

}  // namespace livecounter::simulation
