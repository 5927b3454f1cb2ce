// What a verdict costs beside the call that it needs, and how many there are in a second: the verifier's
// rules, signatures and checks of addresses, beside loops that do the same calls with libcurl's multi
// interface and nothing else. Over HTTP and over HTTPS, connections used again.
//
// The customer's server is another process, whose processor time is not counted. Each round does all
// three, one after the other; CPU is user and system time of this process, throughput is calls by the time
// of the round. Ratios are of the same round, the figures their medians.

#include <benchmark/benchmark.h>
#include <curl/curl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "prometheus/registry.h"
#include "services/runtime/clock.h"
#include "services/runtime/random.h"
#include "services/runtime/test_certificates.h"
#include "verifier/curl_loop.h"
#include "verifier/http_customer_endpoint.h"
#include "verifier/system_resolver.h"
#include "verifier/testing/endpoint_server.h"
#include "verifier/verification.h"

namespace livecounter::verifier {
namespace {

constexpr int kCalls = 10'000;
constexpr int kAtATime = 200;
constexpr int kRounds = 5;
constexpr char kBody[] = "{\"pId\":\"visitor-00000\"}";

// A customer's server in a process of its own, which ends with this one.
std::string StartServer(const EndpointServer::Options& options) {
  int ready[2];
  if (pipe(ready) != 0) std::abort();
  if (fork() == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const EndpointServer server(options, GoodCustomer("key"));
    const std::string uri = server.Uri();
    if (write(ready[1], uri.data(), uri.size()) < 0) std::abort();
    while (true) pause();
  }
  char uri[256];
  const ssize_t size = read(ready[0], uri, sizeof(uri));
  if (size <= 0) std::abort();
  return std::string(uri, static_cast<size_t>(size));
}

struct Cost {
  double cpu_us = 0;  // for each call
  double seconds = 0;
};

double CpuMicroseconds() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  const auto us = [](const timeval& time) { return 1e6 * time.tv_sec + time.tv_usec; };
  return us(usage.ru_utime) + us(usage.ru_stime);
}

template <typename Work>
Cost Measure(Work work) {
  const double cpu = CpuMicroseconds();
  const absl::Time start = absl::Now();
  work();
  return {(CpuMicroseconds() - cpu) / kCalls, absl::ToDoubleSeconds(absl::Now() - start)};
}

// A call that fails costs something else.
void CheckCall(CURLcode code) {
  if (code == CURLE_OK) return;
  std::fprintf(stderr, "a call failed: %s\n", curl_easy_strerror(code));
  std::abort();
}

size_t Ignore(char*, size_t size, size_t count, void*) { return size * count; }

// Handles that do the same call again and again.
class BareCalls {
 public:
  BareCalls(const std::string& uri, const std::string& ca_file) {
    for (const char* header :
         {"Content-Type: application/json", "Expect:", "webhook-id: msg_0123456789abcdef01234567",
          "webhook-timestamp: 1700000000",
          "webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}) {
      headers_ = curl_slist_append(headers_, header);
    }
    for (int i = 0; i < kAtATime; ++i) {
      CURL* const easy = curl_easy_init();
      curl_easy_setopt(easy, CURLOPT_URL, uri.c_str());
      curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file.c_str());
      curl_easy_setopt(easy, CURLOPT_POSTFIELDS, kBody);
      curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_);
      curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Ignore);
      curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
      curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 3000L);
      easies_.push_back(easy);
    }
  }
  ~BareCalls() {
    for (CURL* easy : easies_) curl_easy_cleanup(easy);
    curl_slist_free_all(headers_);
  }
  BareCalls(const BareCalls&) = delete;
  BareCalls& operator=(const BareCalls&) = delete;

  const std::vector<CURL*>& easies() const { return easies_; }

 private:
  curl_slist* headers_ = nullptr;
  std::vector<CURL*> easies_;
};

// As libcurl's documentation has it: curl_multi_perform() and curl_multi_poll().
void PollLoop(const BareCalls& calls) {
  CURLM* const multi = curl_multi_init();
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, 1000L);
  for (CURL* easy : calls.easies()) curl_multi_add_handle(multi, easy);
  int begun = kAtATime;
  int ended = 0;
  while (ended < kCalls) {
    int running = 0;
    curl_multi_perform(multi, &running);
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
      CURL* const easy = message->easy_handle;
      CheckCall(message->data.result);
      curl_multi_remove_handle(multi, easy);
      ++ended;
      if (begun++ < kCalls) curl_multi_add_handle(multi, easy);
    }
    if (ended < kCalls) curl_multi_poll(multi, nullptr, 0, 100, nullptr);
  }
  curl_multi_cleanup(multi);
}

// On an epoll: the verifier's own loop, and nothing else of it.
void EpollLoop(const BareCalls& calls) {
  runtime::RealClock clock;
  int begun = kAtATime;
  int ended = 0;
  CurlLoop* loop = nullptr;
  CurlLoop epoll(1000, clock, [&](CURL* easy, CURLcode code) {
    CheckCall(code);
    ++ended;
    if (begun++ < kCalls) loop->Add(easy);
  });
  loop = &epoll;
  for (CURL* easy : calls.easies()) epoll.Add(easy);
  while (ended < kCalls) epoll.Turn(absl::InfiniteFuture());
}

void AskVerification(const std::string& uri, const std::string& ca_file) {
  runtime::RealClock clock;
  runtime::SecureRandom random;
  prometheus::Registry registry;
  observability::VerifierMetrics metrics(registry);
  runtime::IpRanges loopback;
  std::string error;
  if (!AbslParseFlag("127.0.0.0/8", &loopback, &error)) std::abort();
  SystemResolver resolver(1);
  auto endpoint = std::make_unique<HttpCustomerEndpoint>(
      HttpCustomerEndpoint::Options{.policy = AddressPolicy(loopback), .ca_file = ca_file},
      resolver);
  Verification verification({.product = {.max_calls = kAtATime}}, *endpoint, clock, random,
                            metrics);
  absl::BlockingCounter left(kCalls);
  for (int i = 0; i < kCalls; ++i) {
    verification.Ask({.product = "accounts/a/products/p",
                      .presence_id = absl::StrCat("visitor-", i),
                      .endpoint = {uri, {"key"}, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}},
                     [&](const absl::StatusOr<KnownVerdict>& known) {
                       if (!known.ok() || known->verdict != Verdict::kValid) std::abort();
                       left.DecrementCount();
                     });
  }
  left.Wait();
  endpoint.reset();
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void VerdictBesideBareCalls(benchmark::State& state, bool with_tls) {
  const runtime::TestCertificates certificates;
  const std::string ca_file = certificates.Path("ca.pem");
  EndpointServer::Options options;
  if (with_tls) {
    options = {.certificate = certificates.Path("server.pem"),
               .key = certificates.Path("server.key")};
  }
  const std::string uri = StartServer(options);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  std::vector<double> poll_us, epoll_us, ours_us, to_poll, to_epoll;
  std::vector<double> poll_per_second, per_second, throughput_to_poll;
  for (auto _ : state) {
    const BareCalls calls(uri, ca_file);
    const Cost poll = Measure([&] { PollLoop(calls); });
    const Cost epoll = Measure([&] { EpollLoop(calls); });
    const Cost ours = Measure([&] { AskVerification(uri, ca_file); });
    poll_us.push_back(poll.cpu_us);
    epoll_us.push_back(epoll.cpu_us);
    ours_us.push_back(ours.cpu_us);
    to_poll.push_back(ours.cpu_us / poll.cpu_us);
    to_epoll.push_back(ours.cpu_us / epoll.cpu_us);
    poll_per_second.push_back(kCalls / poll.seconds);
    per_second.push_back(kCalls / ours.seconds);
    throughput_to_poll.push_back(poll.seconds / ours.seconds);
  }
  state.counters["poll_loop_us"] = Median(poll_us);
  state.counters["epoll_loop_us"] = Median(epoll_us);
  state.counters["verifier_us"] = Median(ours_us);
  state.counters["verifier_to_poll_loop"] = Median(to_poll);
  state.counters["verifier_to_epoll_loop"] = Median(to_epoll);
  state.counters["poll_loop_per_second"] = Median(poll_per_second);
  state.counters["verdicts_per_second"] = Median(per_second);
  state.counters["throughput_to_poll_loop"] = Median(throughput_to_poll);
}
BENCHMARK_CAPTURE(VerdictBesideBareCalls, http, /*with_tls=*/false)
    ->Iterations(kRounds)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(VerdictBesideBareCalls, https, /*with_tls=*/true)
    ->Iterations(kRounds)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
}  // namespace livecounter::verifier
