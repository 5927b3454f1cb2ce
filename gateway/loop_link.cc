#include "gateway/loop_link.h"

#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace livecounter::gateway {

// Between the CounterClient's threads and the loop's. Shared with the client and with tasks on their
// way, so that it may outlive the link.
class LoopLink::Inbox : public std::enable_shared_from_this<Inbox> {
 public:
  Inbox(EventLoop& loop, LoopLink& link) : loop_(&loop), link_(&link) {}

  // Any thread.
  void Put(LoopNews news) {
    absl::MutexLock lock(&mutex_);
    if (loop_ == nullptr) return;
    news_.push_back(std::move(news));
    if (wake_is_under_way_) return;
    wake_is_under_way_ = true;
    loop_->Post([self = shared_from_this()] { self->OnWake(); });
  }

  // The loop's thread.
  std::vector<LoopNews> Take() {
    absl::MutexLock lock(&mutex_);
    return std::exchange(news_, {});
  }

  // The loop's thread, or after it: nothing is passed on from here.
  void Close() {
    absl::MutexLock lock(&mutex_);
    loop_ = nullptr;
    link_ = nullptr;
    news_.clear();
  }

 private:
  void OnWake() {
    LoopLink* link;
    {
      absl::MutexLock lock(&mutex_);
      wake_is_under_way_ = false;
      link = link_;
    }
    if (link != nullptr) link->Receive();
  }

  absl::Mutex mutex_;
  EventLoop* loop_ ABSL_GUARDED_BY(mutex_);
  LoopLink* link_ ABSL_GUARDED_BY(mutex_);
  std::vector<LoopNews> news_ ABSL_GUARDED_BY(mutex_);
  bool wake_is_under_way_ ABSL_GUARDED_BY(mutex_) = false;
};

LoopLink::LoopLink(EventLoop& loop, CounterClient& client, OnNews on_news)
    : client_(client),
      on_news_(std::move(on_news)),
      inbox_(std::make_shared<Inbox>(loop, *this)),
      id_(client.AddLoop([inbox = inbox_](LoopNews news) { inbox->Put(std::move(news)); })),
      tasks_(loop) {}

LoopLink::~LoopLink() { inbox_->Close(); }

void LoopLink::Watch(const CounterId& counter) {
  // A batch is applied watches first: a counter that was let go this turn must be let go before.
  if (!commands_.unwatch.empty()) Flush();
  commands().watch.push_back(counter);
}

void LoopLink::Unwatch(const CounterId& counter) { commands().unwatch.push_back(counter); }

void LoopLink::Hit(LoopCommands::Hit hit) { commands().hits.push_back(std::move(hit)); }

void LoopLink::Abandon(LoopCommands::Abandon abandon) {
  commands().abandoned.push_back(std::move(abandon));
}

void LoopLink::Joined(const CounterId& counter, PresenceHash hash) {
  ScheduleFlush();
  presence_.Joined(counter, hash);
}

void LoopLink::Left(const CounterId& counter, PresenceHash hash) {
  ScheduleFlush();
  presence_.Left(counter, hash);
}

void LoopLink::ConnectionsChanged(const std::string& product, int64_t difference) {
  ScheduleFlush();
  connections_[product] += difference;
}

void LoopLink::Accepted(const std::string& product, int64_t hour) {
  ScheduleFlush();
  ++accepted_[{product, hour}];
}

void LoopLink::Receive() {
  for (LoopNews& news : inbox_->Take()) on_news_(std::move(news));
}

LoopCommands& LoopLink::commands() {
  ScheduleFlush();
  return commands_;
}

void LoopLink::ScheduleFlush() {
  if (flush_is_posted_) return;
  flush_is_posted_ = true;
  tasks_.Post([this] {
    flush_is_posted_ = false;
    Flush();
  });
}

void LoopLink::Flush() {
  LoopCommands commands = std::exchange(commands_, {});
  commands.presence = presence_.Take();
  for (auto& [product, difference] : std::exchange(connections_, {})) {
    if (difference != 0) commands.connections.push_back({product, difference});
  }
  for (auto& [key, connections] : std::exchange(accepted_, {})) {
    commands.accepted.push_back(
        {.product = key.first, .hour = key.second, .connections = connections});
  }
  if (!commands.empty()) client_.Send(id_, std::move(commands));
}

}  // namespace livecounter::gateway
