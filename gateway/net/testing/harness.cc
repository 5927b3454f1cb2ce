#include "gateway/net/testing/harness.h"

#include <fcntl.h>
#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"

namespace livecounter::gateway::net {
void EventLog::Add(std::string event) {
  absl::MutexLock lock(&mutex_);
  events_.push_back(std::move(event));
}

size_t EventLog::CountLocked(absl::string_view event) const {
  return static_cast<size_t>(std::count(events_.begin(), events_.end(), event));
}

size_t EventLog::Count(absl::string_view event) const {
  absl::MutexLock lock(&mutex_);
  return CountLocked(event);
}

bool EventLog::WaitFor(absl::string_view event, size_t times, absl::Duration patience) {
  absl::MutexLock lock(&mutex_);
  const auto happened = [this, event, times] {
    mutex_.AssertReaderHeld();
    return CountLocked(event) >= times;
  };
  return mutex_.AwaitWithTimeout(absl::Condition(&happened), patience);
}

std::vector<std::string> EventLog::events() const {
  absl::MutexLock lock(&mutex_);
  return events_;
}

void EventLog::Clear() {
  absl::MutexLock lock(&mutex_);
  events_.clear();
}

void RecordingStream::OnOpen(Connection& connection) {
  log_.Add("open");
  if (actions_.on_open) actions_.on_open(connection);
}

void RecordingStream::OnWritable(Connection& connection) {
  log_.Add("writable");
  if (actions_.on_writable) actions_.on_writable(connection);
}

void RecordingStream::OnMessage(Connection& connection, absl::string_view payload, bool is_final) {
  log_.Add(absl::StrCat(is_final ? "message " : "part ", payload));
  if (actions_.on_message) actions_.on_message(connection, payload);
}

void RecordingStream::OnClosed(Connection& connection, absl::optional<uint16_t> client_code) {
  log_.Add(client_code.has_value() ? absl::StrCat("closed ", *client_code) : "closed");
  if (actions_.on_closed) actions_.on_closed(connection);
}

class Harness::Handler final : public RequestHandler {
 public:
  explicit Handler(Harness& harness) : harness_(harness) {}

  void OnRequest(std::unique_ptr<Exchange> exchange) override {
    if (harness_.script_.on_request) return harness_.script_.on_request(std::move(exchange));
    Response response;
    response.body = absl::StrCat(exchange->request().method, " ", exchange->request().path);
    exchange->Respond(std::move(response));
  }

  bool HasWebSocket(const Request& request) override {
    return !harness_.script_.has_web_socket || harness_.script_.has_web_socket(request);
  }

  Decision OnUpgrade(const Request& request) override {
    if (harness_.script_.on_upgrade) return harness_.script_.on_upgrade(request);
    return harness_.MakeStream();
  }

  void OnRefused(const Request& request, Response& response) override {
    if (harness_.script_.on_refused) harness_.script_.on_refused(request, response);
  }

 private:
  Harness& harness_;
};

Harness::Harness(Script script, const SocketTransport::Options& options)
    : script_(std::move(script)) {
  signal(SIGPIPE, SIG_IGN);  // as every program has it: OpenSSL writes with write(2)
  absl::StatusOr<std::unique_ptr<SocketTransport>> started =
      SocketTransport::Start(options, [this](EventLoop& loop) {
        loops_.push_back(&loop);
        return std::make_unique<Handler>(*this);
      });
  if (!started.ok()) {
    std::fprintf(stderr, "%s\n", started.status().ToString().c_str());
    std::abort();
  }
  transport_ = *std::move(started);
}

std::unique_ptr<StreamHandler> Harness::MakeStream() {
  StreamActions actions = stream;
  actions.on_open = [this, on_open = stream.on_open](Connection& opened) {
    connection = &opened;
    if (on_open) on_open(opened);
  };
  return std::make_unique<RecordingStream>(log, std::move(actions));
}

void Harness::OnLoop(const std::function<void()>& task, size_t index) {
  absl::Notification done;
  loop(index).Post([&task, &done] {
    task();
    done.Notify();
  });
  done.WaitForNotification();
}

absl::Duration ProcessCpuTime() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return absl::DurationFromTimeval(usage.ru_utime) + absl::DurationFromTimeval(usage.ru_stime);
}

void CountAllOfTheHeap() {
  mallopt(M_ARENA_MAX, 1);  // what mallinfo2() sees
}

int64_t LiveHeap() { return static_cast<int64_t>(mallinfo2().uordblks); }

DescriptorsInUse::DescriptorsInUse(rlim_t limit, size_t left) {
  getrlimit(RLIMIT_NOFILE, &before_);
  rlimit lower = before_;
  lower.rlim_cur = limit;
  setrlimit(RLIMIT_NOFILE, &lower);
  for (int fd = open("/dev/null", O_RDONLY); fd >= 0; fd = open("/dev/null", O_RDONLY)) {
    held_.emplace_back(fd);
  }
  held_.resize(held_.size() - left);
}

}  // namespace livecounter::gateway::net
