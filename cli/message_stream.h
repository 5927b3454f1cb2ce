// A server's stream of messages, read by a thread of its own, so that the thread that shows them can
// also wait for the clock, the keyboard and the terminal.
//
// At most kMaxWaiting messages wait to be taken; then the server is left waiting, which keeps the newest
// value only. Methods may be called from any thread.

#ifndef LIVECOUNTER_CLI_MESSAGE_STREAM_H_
#define LIVECOUNTER_CLI_MESSAGE_STREAM_H_

#include <grpcpp/client_context.h>
#include <grpcpp/support/sync_stream.h>

#include <functional>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/optional.h"

namespace livecounter::cli {

template <typename Message>
class MessageStream {
 public:
  using Start = std::function<std::unique_ptr<grpc::ClientReader<Message>>(grpc::ClientContext*)>;
  using Explain = std::function<absl::Status(const grpc::Status&)>;

  // `wake` is called on the reading thread whenever there is something new.
  MessageStream(std::unique_ptr<grpc::ClientContext> context, Start start, Explain explain,
                std::function<void()> wake)
      : context_(std::move(context)),
        start_(std::move(start)),
        explain_(std::move(explain)),
        wake_(std::move(wake)),
        thread_([this] { Read(); }) {}

  // Ends the call.
  ~MessageStream() {
    {
      absl::MutexLock lock(&mutex_);
      abandoned_ = true;
    }
    context_->TryCancel();
    thread_.join();
  }
  MessageStream(const MessageStream&) = delete;
  MessageStream& operator=(const MessageStream&) = delete;

  // What has come since the last time.
  std::vector<Message> Take() {
    absl::MutexLock lock(&mutex_);
    return std::exchange(waiting_, {});
  }

  // How the call ended, once it has and everything was taken.
  absl::optional<absl::Status> Ended() {
    absl::MutexLock lock(&mutex_);
    if (!waiting_.empty()) return absl::nullopt;
    return ended_;
  }

 private:
  static constexpr size_t kMaxWaiting = 1000;

  void Read() {
    const std::unique_ptr<grpc::ClientReader<Message>> reader = start_(context_.get());
    Message message;
    while (reader->Read(&message)) {
      {
        absl::MutexLock lock(&mutex_);
        mutex_.Await(absl::Condition(this, &MessageStream::HasRoom));
        waiting_.push_back(std::move(message));
      }
      wake_();
    }
    const absl::Status status = explain_(reader->Finish());
    {
      absl::MutexLock lock(&mutex_);
      ended_ = status;
    }
    wake_();
  }

  bool HasRoom() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return abandoned_ || waiting_.size() < kMaxWaiting;
  }

  const std::unique_ptr<grpc::ClientContext> context_;
  const Start start_;
  const Explain explain_;
  const std::function<void()> wake_;

  absl::Mutex mutex_;
  std::vector<Message> waiting_ ABSL_GUARDED_BY(mutex_);
  absl::optional<absl::Status> ended_ ABSL_GUARDED_BY(mutex_);
  bool abandoned_ ABSL_GUARDED_BY(mutex_) = false;

  std::thread thread_;
};

}  // namespace livecounter::cli

#endif  // LIVECOUNTER_CLI_MESSAGE_STREAM_H_
