#include "gateway/topic.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "gateway/sse/event.h"

namespace livecounter::gateway {
namespace {

constexpr std::array<Connection::Kind, 2> kKinds = {Connection::Kind::kWebSocket,
                                                    Connection::Kind::kEventStream};

size_t Index(Connection::Kind kind) { return static_cast<size_t>(kind); }

}  // namespace

bool Topic::Set(const Value& value) {
  const bool is_first = !value_;
  const bool is_another = is_first || value_->number != value.number;
  if (is_first) {
    changed_at_ = absl::InfinitePast();
  } else if (is_another) {
    changed_at_ = value.accepted_at;
  }
  value_ = value;
  for (std::string& frame : frames_) frame.clear();
  return is_another;
}

void Topic::Add(Subscriber& subscriber) {
  subscriber.topic_ = this;
  Serve(subscriber);
  CountSent();
}

void Topic::Remove(Subscriber& subscriber) {
  subscriber.Unlink();
  subscriber.topic_ = nullptr;
}

void Topic::OnWritable(Subscriber& subscriber) {
  subscriber.behind_ = false;
  if (!subscriber.linked()) return;
  Serve(subscriber);
  CountSent();
}

void Topic::Repeat(Subscriber& subscriber) {
  if (!subscriber.linked() || subscriber.behind_ || !value_ || !value_->number) return;
  Send(subscriber);
  sent_ = {};  // not an update
}

size_t Topic::Deliver(size_t limit, absl::Time now) {
  size_t served = 0;
  for (; served < limit && has_waiting(); ++served) Serve(waiting_.front());
  const bool sent_any = std::any_of(sent_.begin(), sent_.end(), [](int64_t n) { return n > 0; });
  if (sent_any && changed_at_ != absl::InfinitePast()) {
    tally_.ObserveDelay(now - changed_at_);
  }
  CountSent();
  return served;
}

void Topic::Serve(Subscriber& subscriber) {
  if (!value_) {
    waiting_.PushBack(subscriber);
  } else if (!value_->number) {
    subscriber.Unlink();
    subscriber.OnCounterGone();
  } else if (subscriber.shown_ == number()) {
    served_.PushBack(subscriber);
  } else {
    Send(subscriber);
  }
}

void Topic::Send(Subscriber& subscriber) {
  if (subscriber.Show(*this)) {
    subscriber.shown_ = number();
    served_.PushBack(subscriber);
  } else {
    subscriber.behind_ = true;
    behind_.PushBack(subscriber);
  }
}

bool Topic::SendTo(Connection& connection) {
  const Connection::Kind kind = connection.kind();
  if (!connection.Send(Frame(kind))) return false;
  ++sent_[Index(kind)];
  return true;
}

absl::string_view Topic::Frame(Connection::Kind kind) {
  std::string& frame = frames_[Index(kind)];
  if (frame.empty()) {
    frame = kind == Connection::Kind::kWebSocket
                ? EncodeText(absl::StrCat(number()))
                : EncodeEvent(value_->version, number(), value_->is_example);
  }
  return frame;
}

void Topic::CountSent() {
  for (const Connection::Kind kind : kKinds) {
    int64_t& sent = sent_[Index(kind)];
    if (sent > 0) tally_.CountSent(kind, sent);
    sent = 0;
  }
}

}  // namespace livecounter::gateway
