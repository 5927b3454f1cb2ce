#include "gateway/stream.h"

#include "absl/strings/str_cat.h"
#include "core/usage_log.h"
#include "gateway/retry_hint.h"
#include "gateway/sse/event.h"

namespace livecounter::gateway {
namespace {

constexpr uint16_t kNormalClosure = 1000;
constexpr uint16_t kGoingAway = 1001;
constexpr uint16_t kPolicyViolation = 1008;
constexpr uint16_t kTryAgainLater = 1013;

}  // namespace

void Stream::OnOpen(Connection& connection) {
  connection_ = &connection;
  if (!parts_.streams.Add(*this, connection.kind())) return TurnAway();
  parts_.timers.Arm(this, parts_.loop.Now() + kHeartbeat);
  parts_.link.Accepted(product()->name, HourOf(parts_.loop.Now()));
  has_begun_ = true;
  Begin();
  // The key may have been revoked while the request waited.
  OnProductChange();
}

void Stream::OnClosed(Connection& connection, absl::optional<uint16_t> client_code) {
  const uint16_t code = client_code.value_or(0);
  const bool is_clean = code == kNormalClosure || code == kGoingAway;
  parts_.timers.Disarm(this);
  if (has_begun_) End(!is_closing_ && is_clean);
  parts_.streams.Remove(*this, connection.kind());
}

void Stream::Close(const CloseReason& reason) {
  is_closing_ = true;
  if (has_begun_) Silence();
  connection_->Close(reason);
}

void Stream::TurnAway() {
  parts_.metrics.rejected(observability::RejectReason::kOverloaded).Increment();
  CloseForNow(kTryAgainLater);
}

void Stream::OnTimer(absl::Time now) {
  if (is_closing_) return;
  Heartbeat();
  parts_.timers.Arm(this, now + kHeartbeat);
}

void Stream::CloseForDrain() {
  if (!is_closing_) CloseForNow(kGoingAway);
}

void Stream::OnProductChange() {
  if (is_closing_) return;
  if (place_.is_good()) {
    OnProduct();
  } else {
    CloseWithRetry(RetryHintMilliseconds(parts_.random),
                   {.code = kPolicyViolation, .text = "key revoked"});
  }
}

void Stream::CloseForNow(uint16_t code) {
  const int64_t retry_ms = RetryHintMilliseconds(parts_.random);
  CloseWithRetry(retry_ms, {.code = code, .text = absl::StrCat("retry=", retry_ms)});
}

void Stream::CloseWithRetry(int64_t retry_ms, CloseReason reason) {
  reason.last_event = EncodeRetry(retry_ms);
  Close(reason);
}

}  // namespace livecounter::gateway
