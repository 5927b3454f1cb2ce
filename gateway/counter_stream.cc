#include "gateway/counter_stream.h"

#include <utility>

namespace livecounter::gateway {
namespace {

constexpr uint16_t kNormalClosure = 1000;

}  // namespace

CounterStream::CounterStream(LoopParts& parts, LoopProducts::Place place, Subscription subscription)
    : Stream(parts, std::move(place)),
      counter_(std::make_unique<const CounterId>(std::move(subscription.counter))),
      presence_(std::move(subscription.presence)),
      field_(subscription.field) {}

void CounterStream::Begin() {
  if (presence_) is_gated_ = parts().contributions.Join(*product(), *counter_, presence_);
  parts().hub.Subscribe(*this, *counter_, field_, product());
  counter_.reset();
}

void CounterStream::End(bool client_left) {
  if (presence_) {
    parts().contributions.Leave(
        *product(), parts().hub.CounterOf(*this), presence_,
        client_left ? product()->clean_leave_grace : product()->lost_leave_grace);
  }
  parts().hub.Unsubscribe(*this);
}

void CounterStream::OnProduct() {
  const bool is_gated = product()->verification.has_value();
  if (!presence_ || is_gated == is_gated_) return;
  is_gated_ = is_gated;
  const CounterId& counter = parts().hub.CounterOf(*this);
  if (is_gated) {
    parts().contributions.SwitchOn(*product(), counter, presence_);
  } else {
    parts().contributions.SwitchOff(*product(), counter, presence_);
  }
}

void CounterStream::OnCounterGone() {
  Close({.code = kNormalClosure, .text = "the counter was deleted"});
}

}  // namespace livecounter::gateway
