#include "observability/exposer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/counter.h"
#include "prometheus/registry.h"

namespace livecounter::observability {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// Sends one request to an address of this machine and returns the whole answer.
std::string Exchange(const sockaddr* address, socklen_t size, const std::string& request) {
  const int fd = socket(address->sa_family, SOCK_STREAM, 0);
  EXPECT_EQ(connect(fd, address, size), 0);
  EXPECT_EQ(send(fd, request.data(), request.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(request.size()));
  std::string answer;
  char buffer[4096];
  for (ssize_t n; (n = recv(fd, buffer, sizeof(buffer), 0)) > 0;) answer.append(buffer, n);
  close(fd);
  return answer;
}

// The same with 127.0.0.1.
std::string Exchange(int port, const std::string& request) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return Exchange(reinterpret_cast<sockaddr*>(&address), sizeof(address), request);
}

// The same with ::1.
std::string Exchange6(int port, const std::string& request) {
  sockaddr_in6 address = {};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(static_cast<uint16_t>(port));
  address.sin6_addr = in6addr_loopback;
  return Exchange(reinterpret_cast<sockaddr*>(&address), sizeof(address), request);
}

class ExposerTest : public testing::Test {
 protected:
  ExposerTest()
      : registry_(std::make_shared<prometheus::Registry>()),
        hits_(prometheus::BuildCounter()
                  .Name("test_hits_total")
                  .Help("Hits.")
                  .Register(*registry_)
                  .Add({})) {
    absl::StatusOr<std::unique_ptr<Exposer>> exposer = Exposer::Start(Options());
    EXPECT_TRUE(exposer.ok()) << exposer.status();
    exposer_ = *std::move(exposer);
  }

  Exposer::Options Options() {
    return {.host = "127.0.0.1",
            .port = 0,
            .registry = registry_,
            .alive = [this] { return Get(alive_); },
            .ready = [this] { return Get(ready_); }};
  }

  absl::Status Get(const absl::Status& status) {
    absl::MutexLock lock(&mutex_);
    return status;
  }
  void Set(absl::Status* status, absl::Status value) {
    absl::MutexLock lock(&mutex_);
    *status = std::move(value);
  }
  std::string Request(const std::string& method, const std::string& path) {
    return Exchange(exposer_->port(),
                    absl::StrCat(method, " ", path, " HTTP/1.1\r\nHost: x\r\n\r\n"));
  }

  absl::Mutex mutex_;
  absl::Status alive_;
  absl::Status ready_;
  std::shared_ptr<prometheus::Registry> registry_;
  prometheus::Counter& hits_;
  std::unique_ptr<Exposer> exposer_;
};

TEST_F(ExposerTest, PortZeroTakesAFreePortAndReportsIt) {
  EXPECT_GT(exposer_->port(), 0);
  EXPECT_EQ(exposer_->address(), absl::StrCat("127.0.0.1:", exposer_->port()));
}

TEST_F(ExposerTest, MetricsAreThoseOfTheRegistryAtTheMoment) {
  hits_.Increment(3);
  std::string answer = Request("GET", "/metrics");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Type: text/plain; version=0.0.4"));
  EXPECT_THAT(answer, EndsWith("\ntest_hits_total 3\n"));
  hits_.Increment();
  EXPECT_THAT(Request("GET", "/metrics"), EndsWith("\ntest_hits_total 4\n"));
}

TEST_F(ExposerTest, ProbesAre200WhileAllIsWell) {
  EXPECT_THAT(Request("GET", "/healthz"), AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("\nok\n")));
  EXPECT_THAT(Request("GET", "/readyz"), AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("\nok\n")));
}

TEST_F(ExposerTest, UnreadyIs503WithTheReasonAndStillAlive) {
  Set(&ready_, absl::UnavailableError("draining"));
  EXPECT_THAT(Request("GET", "/readyz"),
              AllOf(StartsWith("HTTP/1.1 503 "), EndsWith("\r\n\r\ndraining\n")));
  EXPECT_THAT(Request("GET", "/healthz"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(ExposerTest, NotAliveIs503WithTheReason) {
  Set(&alive_, absl::UnavailableError("loop 1 is stuck"));
  EXPECT_THAT(Request("GET", "/healthz"),
              AllOf(StartsWith("HTTP/1.1 503 "), EndsWith("\r\n\r\nloop 1 is stuck\n")));
}

TEST_F(ExposerTest, HeadHasTheHeadersOfGetAndNoBody) {
  const std::string answer = Request("HEAD", "/readyz");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 3\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST_F(ExposerTest, QueryIsIgnored) {
  EXPECT_THAT(Request("GET", "/readyz?verbose=1"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(ExposerTest, OtherPathsAre404AndSayWhatIsHere) {
  for (const char* path : {"/", "/metrics/", "/etc/passwd", "/..%2f..%2fetc/passwd"}) {
    const std::string answer = Request("GET", path);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 404 ")) << path;
    EXPECT_THAT(answer, HasSubstr("/healthz")) << path;
  }
}

TEST_F(ExposerTest, OtherMethodsAre405WithAllow) {
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS"}) {
    const std::string answer = Request(method, "/metrics");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 405 ")) << method;
    EXPECT_THAT(answer, HasSubstr("\r\nAllow: GET, HEAD\r\n")) << method;
  }
}

TEST_F(ExposerTest, AUsedPortIsAnErrorThatNamesIt) {
  Exposer::Options options = Options();
  options.port = exposer_->port();
  const absl::Status status = Exposer::Start(std::move(options)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(status.message(), absl::StrCat("cannot listen on ", exposer_->address(),
                                           " for metrics: Address already in use"));
}

TEST_F(ExposerTest, AnUnknownHostIsAnErrorThatNamesIt) {
  Exposer::Options options = Options();
  options.host = "no-such-host.invalid";
  const absl::Status status = Exposer::Start(std::move(options)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("no-such-host.invalid"));
}

TEST_F(ExposerTest, NamesAreResolvedAndKeptInTheAddress) {
  Exposer::Options options = Options();
  options.host = "localhost";
  absl::StatusOr<std::unique_ptr<Exposer>> exposer = Exposer::Start(std::move(options));
  ASSERT_TRUE(exposer.ok()) << exposer.status();
  EXPECT_EQ((*exposer)->address(), absl::StrCat("localhost:", (*exposer)->port()));
}

TEST_F(ExposerTest, AnIpv6AddressIsServedAndInBracketsInTheAddress) {
  Exposer::Options options = Options();
  options.host = "::1";
  absl::StatusOr<std::unique_ptr<Exposer>> exposer = Exposer::Start(std::move(options));
  ASSERT_TRUE(exposer.ok()) << exposer.status();
  EXPECT_EQ((*exposer)->address(), absl::StrCat("[::1]:", (*exposer)->port()));
  EXPECT_THAT(Exchange6((*exposer)->port(), "GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n"),
              StartsWith("HTTP/1.1 200 "));
}

TEST_F(ExposerTest, AllAddressesAreThoseOfBothFamilies) {
  Exposer::Options options = Options();
  options.host = "::";
  absl::StatusOr<std::unique_ptr<Exposer>> exposer = Exposer::Start(std::move(options));
  ASSERT_TRUE(exposer.ok()) << exposer.status();
  const std::string request = "GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n";
  EXPECT_THAT(Exchange((*exposer)->port(), request), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(Exchange6((*exposer)->port(), request), StartsWith("HTTP/1.1 200 "));
}

TEST_F(ExposerTest, ManyScrapersAreServedAtOnce) {
  std::vector<std::thread> scrapers;
  scrapers.reserve(8);
  for (int i = 0; i < 8; ++i) {
    scrapers.emplace_back([this] {
      for (int n = 0; n < 5; ++n) {
        EXPECT_THAT(Request("GET", "/metrics"), HasSubstr("test_hits_total"));
      }
    });
  }
  for (std::thread& scraper : scrapers) scraper.join();
}

}  // namespace
}  // namespace livecounter::observability
