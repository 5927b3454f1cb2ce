#include "gateway/stream.h"

#include <utility>

#include "gateway/retry_hint.h"

namespace livecounter::gateway {
namespace {

constexpr uint16_t kNormalClosure = 1000;
constexpr uint16_t kGoingAway = 1001;

bool IsCleanLeave(absl::optional<uint16_t> client_code) {
  return client_code == kNormalClosure || client_code == kGoingAway;
}

}  // namespace

Stream::Stream(LoopParts& parts, Subscription subscription)
    : parts_(parts),
      product_(std::move(subscription.product)),
      counter_(std::make_unique<const CounterId>(std::move(subscription.counter))),
      presence_(subscription.presence),
      field_(subscription.field) {}

void Stream::OnOpen(Connection& connection) {
  parts_.streams.Add(*this, connection.kind());
  if (presence_) parts_.presence.Join(*counter_, *presence_);
  parts_.hub.Subscribe(*this, *counter_, field_, product_, connection);
  counter_.reset();
  parts_.timers.Arm(this, parts_.loop.Now() + kHeartbeat);
}

void Stream::OnWritable(Connection& /*connection*/) { parts_.hub.OnWritable(*this); }

void Stream::OnClosed(Connection& connection, absl::optional<uint16_t> client_code) {
  parts_.timers.Disarm(this);
  if (presence_) {
    const bool is_clean = !is_closing_ && IsCleanLeave(client_code);
    parts_.presence.Leave(parts_.hub.CounterOf(*this), *presence_,
                          is_clean ? product_->clean_leave_grace : product_->lost_leave_grace);
  }
  parts_.hub.Unsubscribe(*this);
  parts_.streams.Remove(*this, connection.kind());
}

void Stream::Close(const CloseReason& reason) {
  is_closing_ = true;
  parts_.hub.Silence(*this);
  connection().Close(reason);
}

void Stream::OnTimer(absl::Time now) {
  if (is_closing_) return;
  Heartbeat();
  parts_.timers.Arm(this, now + kHeartbeat);
}

void Stream::OnCounterGone() { Close({.code = kNormalClosure, .text = "the counter was deleted"}); }

void Stream::CloseForDrain() {
  if (!is_closing_) CloseWithRetry(RetryHintMilliseconds(parts_.random));
}

}  // namespace livecounter::gateway
