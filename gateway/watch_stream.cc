#include "gateway/watch_stream.h"

#include <cstdint>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "gateway/sse/event.h"

namespace livecounter::gateway {
namespace {

constexpr uint16_t kPolicyViolation = 1008;
constexpr absl::Duration kMessageWindow = absl::Seconds(1);

}  // namespace

// One of the counters: keeps its newest number until it is sent with others.
class WatchStream::Counter final : public Subscriber, public ListNode<WatchStream> {
 public:
  explicit Counter(WatchStream& stream) : stream_(stream) {}

  bool Show(Topic& topic) override {
    number_ = topic.number();
    stream_.OnChanged(*this);
    is_known_ = true;
    return true;
  }
  // Presence never goes.
  void OnCounterGone() override {}

  int64_t number() const { return number_; }
  bool is_known() const { return is_known_; }

 private:
  WatchStream& stream_;
  int64_t number_ = 0;
  bool is_known_ = false;
};

WatchStream::WatchStream(LoopParts& parts, LoopProducts::Place place, std::vector<std::string> ids)
    : Stream(parts, std::move(place)), first_ids_(std::move(ids)) {}

WatchStream::~WatchStream() = default;

void WatchStream::Begin() {
  for (const std::string& id : first_ids_) Add(id);
  first_ids_ = {};
}

void WatchStream::End(bool /*client_left*/) {
  for (auto& [id, counter] : counters_) parts().hub.Unsubscribe(counter);
}

void WatchStream::Silence() {
  for (auto& [id, counter] : counters_) parts().hub.Silence(counter);
}

void WatchStream::Add(const std::string& id) {
  const auto [it, is_new] = counters_.try_emplace(id, *this);
  if (!is_new) return;
  ++unknown_;
  parts().hub.Subscribe(it->second, {product()->name, id}, Field::kPresent, product());
}

void WatchStream::Remove(const std::string& id) {
  const auto found = counters_.find(id);
  if (found == counters_.end()) return;
  if (!found->second.is_known()) --unknown_;
  parts().hub.Unsubscribe(found->second);
  counters_.erase(found);
}

void WatchStream::OnChanged(Counter& counter) {
  if (!counter.is_known()) --unknown_;
  changed_.PushBack(counter);
  parts().flushes.Add(*this);
}

void WatchStream::Flush() {
  const bool is_due = has_begun_ ? !changed_.empty() : unknown_ == 0;
  if (is_closing() || is_behind_ || !is_due) return;
  IntrusiveList<Counter, WatchStream> sent;
  std::string object;
  while (!changed_.empty()) {
    Counter& counter = changed_.front();
    AppendNumber(parts().hub.CounterOf(counter).id, counter.number(), &object);
    sent.PushBack(counter);
  }
  if (SendObject(object)) {
    has_begun_ = true;
    parts().hub.tally().CountSent(connection().kind(), 1);
  } else {
    changed_.TakeAll(sent);
  }
}

bool WatchStream::SendObject(absl::string_view object) {
  const std::string json = FinishObject(object);
  const bool is_sent =
      connection().Send(connection().kind() == Connection::Kind::kWebSocket
                            ? EncodeText(json)
                            : EncodeEvent(json, /*is_example=*/!product()->active));
  is_behind_ = !is_sent;
  return is_sent;
}

void WatchStream::OnWritable(Connection& /*connection*/) {
  is_behind_ = false;
  Flush();
}

void WatchStream::Heartbeat() {
  ForgetMessages();
  connection().Ping();
  if (has_begun_ && !is_behind_) SendObject("");
}

void WatchStream::OnMessage(Connection& /*connection*/, absl::string_view payload, bool is_final) {
  if (message_.size() + payload.size() > kMaxMessageBytes) {
    return CloseForBreach(absl::StrCat("a message takes ", kMaxMessageBytes, " bytes at most"));
  }
  message_.append(payload.data(), payload.size());
  if (!is_final) return;
  const std::string message = std::exchange(message_, {});
  if (!TakesMessage()) {
    return CloseForBreach(absl::StrCat("at most ", kMaxMessages, " messages a second"));
  }
  const absl::StatusOr<WatchCommand> command = ParseWatchCommand(message);
  const absl::Status status = command.ok() ? Apply(*command) : command.status();
  if (!status.ok()) CloseForBreach(status.message());
}

bool WatchStream::TakesMessage() {
  const absl::Time now = parts().loop.Now();
  if (message_times_ == nullptr) {
    message_times_ = std::make_unique<MessageTimes>();
    message_times_->times.fill(absl::InfinitePast());
  }
  absl::Time& oldest = message_times_->times[message_times_->oldest];
  if (now - oldest < kMessageWindow) return false;
  oldest = now;
  message_times_->oldest = (message_times_->oldest + 1) % kMaxMessages;
  return true;
}

void WatchStream::ForgetMessages() {
  if (message_times_ == nullptr) return;
  const size_t newest = (message_times_->oldest + kMaxMessages - 1) % kMaxMessages;
  const bool is_over = parts().loop.Now() - message_times_->times[newest] >= kMessageWindow;
  if (is_over) message_times_.reset();
}

absl::Status WatchStream::Apply(const WatchCommand& command) {
  absl::flat_hash_set<absl::string_view> held;
  for (const auto& [id, counter] : counters_) held.insert(id);
  for (const std::string& id : command.remove) held.erase(id);
  held.insert(command.add.begin(), command.add.end());
  if (held.size() > kMaxCounters) {
    return absl::ResourceExhaustedError(absl::StrCat("at most ", kMaxCounters, " counters"));
  }
  for (const std::string& id : command.remove) Remove(id);
  for (const std::string& id : command.add) Add(id);
  // The first message may have waited for one that is removed.
  if (!has_begun_) parts().flushes.Add(*this);
  return absl::OkStatus();
}

void WatchStream::CloseForBreach(absl::string_view reason) {
  Close({.code = kPolicyViolation, .text = std::string(reason)});
}

}  // namespace livecounter::gateway
