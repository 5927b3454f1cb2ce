// A transport under test, and handlers that do what a test says and write down what they see.

#ifndef LIVECOUNTER_GATEWAY_NET_TESTING_HARNESS_H_
#define LIVECOUNTER_GATEWAY_NET_TESTING_HARNESS_H_

#include <sys/resource.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "absl/types/variant.h"
#include "gateway/net/file_descriptor.h"
#include "gateway/net/socket_transport.h"
#include "gateway/transport.h"

namespace livecounter::gateway::net {

// What happened, in order. Thread-safe.
class EventLog {
 public:
  void Add(std::string event);
  // Waits until `event` has happened `times` times; false when it takes too long.
  bool WaitFor(absl::string_view event, size_t times = 1,
               absl::Duration patience = absl::Seconds(20));
  std::vector<std::string> events() const;
  void Clear();
  size_t Count(absl::string_view event) const;

 private:
  size_t CountLocked(absl::string_view event) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  std::vector<std::string> events_ ABSL_GUARDED_BY(mutex_);
};

// What a stream does when it is called.
struct StreamActions {
  std::function<void(Connection&)> on_open = nullptr;
  std::function<void(Connection&)> on_writable = nullptr;
  std::function<void(Connection&, absl::string_view)> on_message = nullptr;
  std::function<void(Connection&)> on_closed = nullptr;
};

// Logs "open", "writable", "message <payload>" ("part <payload>" while more follows) and "closed", with
// the client's code when it gave one: "closed 1001"; and "destroyed". Then does what it was given to do.
class RecordingStream final : public StreamHandler {
 public:
  explicit RecordingStream(EventLog& log, StreamActions actions = {})
      : log_(log), actions_(std::move(actions)) {}
  ~RecordingStream() override { log_.Add("destroyed"); }

  void OnOpen(Connection& connection) override;
  void OnWritable(Connection& connection) override;
  void OnMessage(Connection& connection, absl::string_view payload, bool is_final) override;
  void OnClosed(Connection& connection, absl::optional<uint16_t> client_code) override;

 private:
  EventLog& log_;
  const StreamActions actions_;
};

using Decision = absl::variant<Response, std::unique_ptr<StreamHandler>>;

// Does what it is given to do; answers "200 <method> <path>" to what it was not given for.
struct Script {
  std::function<void(std::unique_ptr<Exchange>)> on_request = nullptr;
  std::function<bool(const Request&)> has_web_socket = nullptr;  // everything has one
  std::function<Decision(const Request&)> on_upgrade = nullptr;
  std::function<void(const Request&, Response&)> on_refused = nullptr;
};

// A transport on a free port of loopback, one loop unless said otherwise. Without a script for upgrades
// they are accepted, with `stream`.
class Harness {
 public:
  explicit Harness(Script script = {}, const SocketTransport::Options& options = {});

  int port() const { return transport_->port(); }
  SocketTransport& transport() { return *transport_; }
  EventLoop& loop(size_t index = 0) { return *loops_[index]; }
  // Runs it on a loop and waits.
  void OnLoop(const std::function<void()>& task, size_t index = 0);
  // A stream that does what `stream` says.
  std::unique_ptr<StreamHandler> MakeStream();

  // What streams do, and wrote. Set before a client connects.
  StreamActions stream;
  EventLog log;
  // The newest stream that opened; to be used on its loop.
  Connection* connection = nullptr;

 private:
  class Handler;

  const Script script_;
  std::vector<EventLoop*> loops_;
  std::unique_ptr<SocketTransport> transport_;
};

// User and system time of this process so far.
absl::Duration ProcessCpuTime();

// Bytes that the process has allocated, of all threads that start after CountAllOfTheHeap().
void CountAllOfTheHeap();
int64_t LiveHeap();

// Until it is destroyed the process may have `limit` descriptors, of which the last `left` are free.
class DescriptorsInUse {
 public:
  DescriptorsInUse(rlim_t limit, size_t left);
  ~DescriptorsInUse() { setrlimit(RLIMIT_NOFILE, &before_); }
  DescriptorsInUse(const DescriptorsInUse&) = delete;
  DescriptorsInUse& operator=(const DescriptorsInUse&) = delete;

 private:
  rlimit before_;
  std::vector<FileDescriptor> held_;
};

}  // namespace livecounter::gateway::net

#endif  // LIVECOUNTER_GATEWAY_NET_TESTING_HARNESS_H_
