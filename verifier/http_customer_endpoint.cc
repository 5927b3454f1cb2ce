#include "verifier/http_customer_endpoint.h"

#include <curl/curl.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/base/call_once.h"
#include "absl/base/thread_annotations.h"
#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/node_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/mutex.h"
#include "services/runtime/clock.h"
#include "verifier/call_batch.h"
#include "verifier/curl_loop.h"
#include "verifier/curl_transfer.h"
#include "verifier/endpoint_uri.h"

namespace livecounter::verifier {
namespace {

// Handles kept for later calls.
constexpr size_t kMaxSpareTransfers = 1'000;
constexpr size_t kMaxUris = 1'000;

void InitializeCurl() {
  static absl::once_flag once;
  absl::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

// OpenSSL writes to sockets whose peer is gone. Of the loop's thread, which does all of libcurl's work.
void BlockSigpipe() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

absl::Status Stopped() { return absl::CancelledError("the verifier is being stopped"); }

// "+host:port:1.2.3.4,[2001:db8::1]": taken by libcurl in place of a look-up of its own, for a while.
std::string Pin(const EndpointUri& uri, const Addresses& addresses) {
  const auto append = [](std::string* out, const runtime::IpAddress& address) {
    if (address.is_v4()) {
      absl::StrAppend(out, address.ToString());
    } else {
      absl::StrAppend(out, "[", address.ToString(), "]");
    }
  };
  return absl::StrCat("+", uri.host, ":", uri.port, ":", absl::StrJoin(addresses, ",", append));
}

}  // namespace

class HttpCustomerEndpoint::Loop : public std::enable_shared_from_this<Loop> {
 public:
  using Task = std::function<void()>;
  // A call on its way to libcurl.
  struct Posted {
    EndpointCall call;
    Done done;
    absl::Time at;
    std::shared_ptr<CallBatch> batch;  // of those that are sent together; null: at once
  };

  Loop(const Options& options, Resolver& resolver)
      : options_(options),
        resolver_(resolver),
        curl_(std::make_unique<CurlLoop>(
            options.max_idle_connections, clock_,
            [this](CURL* easy, CURLcode code) { OnDone(easy, code); })) {}

  void Start() {
    thread_ = std::thread([this] { Main(); });
  }
  // Ends all that is under way, and the thread.
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

  absl::Time Now() { return clock_.Now(); }
  // Dropped once the loop has ended.
  void Run(Task task) ABSL_LOCKS_EXCLUDED(mutex_);
  // The rest is the loop's own thread's.
  void Begin(Posted posted);
  void AddBatch(std::shared_ptr<CallBatch> batch) { batches_.push_back(std::move(batch)); }

 private:
  struct Running {
    std::unique_ptr<CurlTransfer> transfer;
    Done done;
    absl::Time began_at;  // later by as long as it was held back
    std::shared_ptr<CallBatch> batch;
    absl::Time ready_at = {};  // of a call that is held back
  };
  struct Resolving {
    Posted posted;
    EndpointUri uri;
  };

  void Main() ABSL_LOCKS_EXCLUDED(mutex_);
  void EndAll() ABSL_LOCKS_EXCLUDED(mutex_);
  void RunTasks() ABSL_LOCKS_EXCLUDED(mutex_);
  // Read once and remembered.
  const absl::StatusOr<EndpointUri>& UriOf(const std::string& text);
  // When to look at look-ups and batches again.
  absl::Time NextTime() const;
  void Resolved(uint64_t id, const absl::StatusOr<Addresses>& addresses);
  void EndSlowLookUps();
  void Connect(Posted posted, const CallTarget& target);
  void OnReady(CURL* easy);
  void OnDone(CURL* easy, CURLcode code);
  void Fail(Posted& posted, const absl::Status& why);
  absl::Status CheckAll(const std::string& host, const Addresses& addresses) const;
  std::unique_ptr<CurlTransfer> TakeTransfer();

  // Of calls that are sent together.
  void TendBatches();
  void EndOverdue(CallBatch& batch, absl::Time now);

  const Options options_;
  Resolver& resolver_;
  runtime::RealClock clock_;
  std::unique_ptr<CurlLoop> curl_;  // until the thread ends
  absl::flat_hash_map<CURL*, Running> running_;
  absl::btree_map<uint64_t, Resolving> resolving_;  // in the order of their posts, nearly
  uint64_t last_resolving_ = 0;
  std::vector<std::shared_ptr<CallBatch>> batches_;
  std::vector<std::unique_ptr<CurlTransfer>> spare_;
  absl::node_hash_map<std::string, absl::StatusOr<EndpointUri>> uris_;

  absl::Mutex mutex_;
  std::vector<Task> tasks_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

void HttpCustomerEndpoint::Loop::Run(Task task) {
  absl::MutexLock lock(&mutex_);
  if (ended_) return;
  tasks_.push_back(std::move(task));
  if (tasks_.size() == 1) curl_->Wake();
}

void HttpCustomerEndpoint::Loop::Main() {
  BlockSigpipe();
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      if (stopping_) break;
    }
    curl_->Turn(NextTime());
    RunTasks();
    EndSlowLookUps();
    TendBatches();
  }
  EndAll();
}

void HttpCustomerEndpoint::Loop::RunTasks() {
  std::vector<Task> tasks;
  {
    absl::MutexLock lock(&mutex_);
    tasks.swap(tasks_);
  }
  for (Task& task : tasks) task();
}

void HttpCustomerEndpoint::Loop::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    curl_->Wake();
  }
  thread_.join();
}

void HttpCustomerEndpoint::Loop::EndAll() {
  RunTasks();  // what was posted and not begun
  for (auto& [id, resolving] : std::exchange(resolving_, {})) Fail(resolving.posted, Stopped());
  for (auto& [easy, running] : std::exchange(running_, {})) {
    curl_->Remove(easy);
    EndpointAnswer answer;
    answer.result = Stopped();
    running.done(std::move(answer));
  }
  absl::MutexLock lock(&mutex_);
  ended_ = true;
  curl_.reset();
}

void HttpCustomerEndpoint::Loop::Begin(Posted posted) {
  const absl::StatusOr<EndpointUri>& uri = UriOf(posted.call.uri);
  if (!uri.ok()) return Fail(posted, uri.status());
  if (uri->address) {
    const absl::Status allowed = options_.policy.Check(*uri->address);
    if (!allowed.ok()) return Fail(posted, allowed);
    return Connect(std::move(posted), {.uri = uri->uri});
  }
  const std::string host = uri->host;
  const uint64_t id = ++last_resolving_;
  resolving_[id] = {std::move(posted), *uri};
  resolver_.Resolve(host, [loop = shared_from_this(), id](const absl::StatusOr<Addresses>& found) {
    loop->Run([loop = loop.get(), id, found] { loop->Resolved(id, found); });
  });
}

// Products have few endpoints, and each very many calls.
const absl::StatusOr<EndpointUri>& HttpCustomerEndpoint::Loop::UriOf(const std::string& text) {
  if (uris_.size() >= kMaxUris) uris_.clear();
  const auto [found, is_new] = uris_.try_emplace(text, absl::UnknownError("not read yet"));
  if (is_new) found->second = ParseEndpointUri(text);
  return found->second;
}

void HttpCustomerEndpoint::Loop::Resolved(uint64_t id, const absl::StatusOr<Addresses>& addresses) {
  auto node = resolving_.extract(id);
  if (node.empty()) return;
  Resolving& resolving = node.mapped();
  const absl::Status usable =
      addresses.ok() ? CheckAll(resolving.uri.host, *addresses) : addresses.status();
  if (!usable.ok()) return Fail(resolving.posted, usable);
  Connect(std::move(resolving.posted),
          {.uri = resolving.uri.uri, .pinned = Pin(resolving.uri, *addresses)});
}

void HttpCustomerEndpoint::Loop::EndSlowLookUps() {
  const absl::Time now = Now();
  while (!resolving_.empty() && resolving_.begin()->second.posted.at + kCallTimeout <= now) {
    auto node = resolving_.extract(resolving_.begin());
    Resolving& slow = node.mapped();
    Fail(slow.posted, absl::DeadlineExceededError(
                          absl::StrCat("the host ", slow.uri.host, " was not found within ",
                                       absl::FormatDuration(kCallTimeout))));
  }
}

// Which address it was is not told: names that only our own network knows would be read out here.
absl::Status HttpCustomerEndpoint::Loop::CheckAll(const std::string& host,
                                                  const Addresses& addresses) const {
  for (const runtime::IpAddress& address : addresses) {
    if (options_.policy.Check(address).ok()) continue;
    return absl::PermissionDeniedError(absl::StrCat(
        "the host ", host,
        " leads to an address that is not public; an endpoint must have a public address, or one "
        "in a range that --verifier_allow_private_networks names"));
  }
  return absl::OkStatus();
}

void HttpCustomerEndpoint::Loop::Connect(Posted posted, const CallTarget& target) {
  std::unique_ptr<CurlTransfer> transfer = TakeTransfer();
  CURL* const easy = transfer->easy();
  const absl::Duration age = Now() - posted.at;
  if (posted.batch == nullptr) {
    transfer->Prepare(target, std::move(posted.call), kCallTimeout - age);
  } else {
    transfer->PrepareHeld(target, std::move(posted.call), kTogetherTimeout - age,
                          [this, easy] { OnReady(easy); });
  }
  running_[easy] = {std::move(transfer), std::move(posted.done), posted.at,
                    std::move(posted.batch)};
  curl_->Add(easy);
}

void HttpCustomerEndpoint::Loop::OnReady(CURL* easy) {
  Running& running = running_[easy];
  running.ready_at = Now();
  running.batch->Ready(easy);
}

void HttpCustomerEndpoint::Loop::OnDone(CURL* easy, CURLcode code) {
  auto node = running_.extract(easy);
  Running& running = node.mapped();
  if (running.batch != nullptr) running.batch->Ended(easy);
  EndpointAnswer answer = running.transfer->Finish(code);
  answer.took = Now() - running.began_at;
  if (spare_.size() < kMaxSpareTransfers) spare_.push_back(std::move(running.transfer));
  running.done(std::move(answer));
}

void HttpCustomerEndpoint::Loop::Fail(Posted& posted, const absl::Status& why) {
  if (posted.batch != nullptr) posted.batch->Ended(nullptr);
  EndpointAnswer answer;
  answer.result = why;
  answer.took = Now() - posted.at;
  posted.done(std::move(answer));
}

std::unique_ptr<CurlTransfer> HttpCustomerEndpoint::Loop::TakeTransfer() {
  if (spare_.empty()) return std::make_unique<CurlTransfer>(options_.policy, options_.ca_file);
  std::unique_ptr<CurlTransfer> transfer = std::move(spare_.back());
  spare_.pop_back();
  return transfer;
}

absl::Time HttpCustomerEndpoint::Loop::NextTime() const {
  absl::Time next = absl::InfiniteFuture();
  if (!resolving_.empty()) next = resolving_.begin()->second.posted.at + kCallTimeout;
  for (const auto& batch : batches_) next = std::min(next, batch->next_time());
  return next;
}

void HttpCustomerEndpoint::Loop::TendBatches() {
  const absl::Time now = Now();
  for (const auto& batch : batches_) {
    for (CURL* easy : batch->TakeReleased(now)) {
      Running& running = running_[easy];
      running.began_at += now - running.ready_at;
      running.transfer->Release();
    }
    EndOverdue(*batch, now);
  }
  const auto is_over = [](const auto& batch) { return batch->over(); };
  batches_.erase(std::remove_if(batches_.begin(), batches_.end(), is_over), batches_.end());
}

void HttpCustomerEndpoint::Loop::EndOverdue(CallBatch& batch, absl::Time now) {
  for (CURL* easy : batch.TakeOverdue(now)) {
    curl_->Remove(easy);
    OnDone(easy, CURLE_OPERATION_TIMEDOUT);
  }
}

HttpCustomerEndpoint::HttpCustomerEndpoint(const Options& options, Resolver& resolver)
    : loop_([&] {
        InitializeCurl();
        return std::make_shared<Loop>(options, resolver);
      }()) {
  loop_->Start();
}

HttpCustomerEndpoint::~HttpCustomerEndpoint() { loop_->Stop(); }

void HttpCustomerEndpoint::Post(EndpointCall call, Done done) {
  Loop::Posted posted = {std::move(call), std::move(done), loop_->Now(), nullptr};
  loop_->Run([loop = loop_.get(), posted = std::move(posted)]() mutable {
    loop->Begin(std::move(posted));
  });
}

void HttpCustomerEndpoint::PostTogether(std::vector<EndpointCall> calls, EachDone done) {
  const absl::Time now = loop_->Now();
  loop_->Run([loop = loop_.get(), calls = std::move(calls), done = std::move(done), now]() mutable {
    const auto batch = std::make_shared<CallBatch>(calls.size(), now);
    loop->AddBatch(batch);
    for (size_t i = 0; i < calls.size(); ++i) {
      const auto each = [done, i](EndpointAnswer answer) { done(i, std::move(answer)); };
      loop->Begin({std::move(calls[i]), each, now, batch});
    }
  });
}

}  // namespace livecounter::verifier
