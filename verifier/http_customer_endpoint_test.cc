#include "verifier/http_customer_endpoint.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/runtime/test_certificates.h"
#include "verifier/testing/endpoint_server.h"
#include "verifier/testing/in_time.h"
#include "verifier/testing/stub_resolver.h"

namespace livecounter::verifier {
namespace {

using ::testing::HasSubstr;

class HttpCustomerEndpointTest : public testing::Test {
 protected:
  static AddressPolicy AllowLoopback() {
    runtime::IpRanges ranges;
    std::string error;
    EXPECT_TRUE(AbslParseFlag("127.0.0.0/8,::1/128", &ranges, &error)) << error;
    return AddressPolicy(ranges);
  }

  void Serve(EndpointServer::Handler handler, bool with_tls = false) {
    EndpointServer::Options options;
    if (with_tls) {
      options = {.certificate = certificates_.Path("server.pem"),
                 .key = certificates_.Path("server.key")};
    }
    server_ = std::make_unique<EndpointServer>(options, std::move(handler));
  }
  void ServeReply(const ServerReply& reply) {
    Serve([reply](const ServerRequest&) { return reply; });
  }
  void Connect(const std::string& ca = "ca.pem") {
    endpoint_ = std::make_unique<HttpCustomerEndpoint>(
        HttpCustomerEndpoint::Options{.policy = AllowLoopback(), .ca_file = certificates_.Path(ca)},
        resolver_);
  }
  EndpointAnswer Post(const std::string& uri, const std::string& body = "{}") {
    if (endpoint_ == nullptr) Connect();
    EndpointAnswer answer;
    absl::Notification done;
    endpoint_->Post({.uri = uri, .body = body, .headers = {"x-test: yes"}},
                    [&](EndpointAnswer got) {
                      answer = std::move(got);
                      done.Notify();
                    });
    done.WaitForNotification();
    return answer;
  }
  void ExpectFailure(absl::StatusCode code, const std::string& message) {
    const EndpointAnswer answer = Post(server_->Uri());
    EXPECT_EQ(answer.result.code(), code) << answer.result;
    EXPECT_THAT(std::string(answer.result.message()), HasSubstr(message));
  }
  // All of them at the same time; how many ended OK with `status`.
  int PostTogether(int calls, int status, std::vector<absl::Duration>* took = nullptr) {
    if (endpoint_ == nullptr) Connect();
    std::vector<EndpointAnswer> answers(static_cast<size_t>(calls));
    absl::BlockingCounter left(calls);
    endpoint_->PostTogether(
        std::vector<EndpointCall>(static_cast<size_t>(calls),
                                  EndpointCall{.uri = server_->Uri(), .body = "{}"}),
        [&](size_t index, EndpointAnswer answer) {
          answers[index] = std::move(answer);
          left.DecrementCount();
        });
    left.Wait();
    int good = 0;
    for (const EndpointAnswer& answer : answers) {
      good += answer.result.ok() && answer.status == status ? 1 : 0;
      if (took != nullptr) took->push_back(answer.took);
    }
    return good;
  }

  const runtime::TestCertificates certificates_;
  StubResolver resolver_;
  std::unique_ptr<EndpointServer> server_;
  std::unique_ptr<HttpCustomerEndpoint> endpoint_;  // gone before the server and the resolver
};

TEST_F(HttpCustomerEndpointTest, PostsAndReadsTheWholeAnswer) {
  ServerRequest seen;
  Serve([&seen](const ServerRequest& request) {
    seen = request;
    return ServerReply{.status = 401, .body = "the key\n"};
  });
  const EndpointAnswer answer = Post(server_->Uri() + "?q=1", "{\"pId\":\"x\"}");
  ASSERT_TRUE(answer.result.ok()) << answer.result;
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.body, "the key\n");
  EXPECT_GT(answer.took, absl::ZeroDuration());
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.path, "/verify?q=1");
  EXPECT_EQ(seen.body, "{\"pId\":\"x\"}");
  EXPECT_EQ(seen.headers["content-type"], "application/json");
  EXPECT_EQ(seen.headers["x-test"], "yes");
  EXPECT_EQ(seen.headers.count("expect"), 0u);
}

TEST_F(HttpCustomerEndpointTest, UsesAConnectionAgain) {
  Serve(GoodCustomer("key"));
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(Post(server_->Uri()).result.ok());
  EXPECT_EQ(server_->connections(), 1);
}

TEST_F(HttpCustomerEndpointTest, ADeadConnectionIsReplaced) {
  ServeReply({.raw = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nkey"});  // then closed
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Post(server_->Uri()).body, "key");
  EXPECT_EQ(server_->connections(), 3);
}

TEST_F(HttpCustomerEndpointTest, TheHostsAddressIsTheResolvers) {
  Serve(GoodCustomer("key"), /*with_tls=*/true);
  resolver_.Add("localhost", {"127.0.0.1"});
  const EndpointAnswer answer = Post(server_->Uri("localhost"));
  EXPECT_TRUE(answer.result.ok()) << answer.result;
  EXPECT_EQ(resolver_.look_ups(), 1);
}

TEST_F(HttpCustomerEndpointTest, IsCalledOverIpv6ByAddressAndByName) {
  server_ =
      std::make_unique<EndpointServer>(EndpointServer::Options{.ipv6 = true}, GoodCustomer("key"));
  resolver_.Add("six.example", {"::1"});
  for (const std::string& uri : {server_->Uri(), server_->Uri("six.example")}) {
    const EndpointAnswer answer = Post(uri);
    EXPECT_TRUE(answer.result.ok()) << uri << ": " << answer.result;
    EXPECT_EQ(answer.body, "key");
  }
  EXPECT_EQ(server_->connections(), 2);
}

TEST_F(HttpCustomerEndpointTest, ACertificateThatIsNotTrustedIsAFailure) {
  Serve(GoodCustomer("key"), /*with_tls=*/true);
  Connect("other-ca.pem");
  ExpectFailure(absl::StatusCode::kUnavailable, "certificate");
  EXPECT_EQ(server_->requests(), 0);
}

TEST_F(HttpCustomerEndpointTest, ACertificateOfAnotherHostIsAFailure) {
  Serve(GoodCustomer("key"), /*with_tls=*/true);
  resolver_.Add("shop.example", {"127.0.0.1"});
  const EndpointAnswer answer = Post(server_->Uri("shop.example"));
  EXPECT_EQ(answer.result.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(answer.result.message()), HasSubstr("shop.example"));
  EXPECT_EQ(server_->requests(), 0);
}

TEST_F(HttpCustomerEndpointTest, ARedirectIsAnAnswerAndNotFollowed) {
  ServeReply({.status = 302, .headers = "Location: http://169.254.169.254/latest/\r\n"});
  const EndpointAnswer answer = Post(server_->Uri());
  ASSERT_TRUE(answer.result.ok()) << answer.result;
  EXPECT_EQ(answer.status, 302);
  EXPECT_EQ(server_->requests(), 1);
}

TEST_F(HttpCustomerEndpointTest, ABodyOfMoreThanOneKibibyteIsCut) {
  ServeReply({.body = std::string(1024, 'x')});
  EXPECT_EQ(Post(server_->Uri()).body.size(), 1024u);
  for (const size_t bytes : {size_t{1025}, size_t{2} << 20}) {
    ServeReply({.body = std::string(bytes, 'x')});
    ExpectFailure(absl::StatusCode::kOutOfRange, "more than 1024 bytes");
  }
}

TEST_F(HttpCustomerEndpointTest, ABodyWithoutALengthIsCutToo) {
  ServeReply({.raw = absl::StrCat("HTTP/1.1 200 OK\r\n\r\n", std::string(2 << 20, 'x'))});
  ExpectFailure(absl::StatusCode::kOutOfRange, "more than 1024 bytes");
}

TEST_F(HttpCustomerEndpointTest, HeadersWithoutEndAreCut) {
  std::string head = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 1000; ++i) {
    absl::StrAppend(&head, "X-", i, ": ", std::string(90, 'x'), "\r\n");
  }
  ServeReply({.raw = head});
  ExpectFailure(absl::StatusCode::kOutOfRange, "headers");
}

TEST_F(HttpCustomerEndpointTest, WhoResetsSaysNothingOrNotHttpFails) {
  ServeReply({.reset = true});
  ExpectFailure(absl::StatusCode::kUnavailable, "the call failed");
  ServeReply({.raw = "220 mail.example ESMTP\r\n"});
  ExpectFailure(absl::StatusCode::kUnavailable, "the call failed");
  ServeReply({.raw = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nkey"});
  ExpectFailure(absl::StatusCode::kUnavailable, "the call failed");
}

TEST_F(HttpCustomerEndpointTest, WhoHangsOrDribblesHasThreeSeconds) {
  for (const ServerReply& reply :
       {ServerReply{.hang = true}, ServerReply{.dribble = absl::Seconds(1)}}) {
    ServeReply(reply);
    const EndpointAnswer answer = Post(server_->Uri());
    EXPECT_EQ(answer.result.code(), absl::StatusCode::kDeadlineExceeded) << answer.result;
    EXPECT_GE(answer.took, absl::Seconds(2.9));
    EXPECT_LE(answer.took, kInTime);
  }
}

TEST_F(HttpCustomerEndpointTest, ANameThatIsNotFoundInTimeFailsInTime) {
  ServeReply({});
  resolver_.Add("slow.example", {"never"});
  const EndpointAnswer answer = Post("http://slow.example/");
  EXPECT_EQ(answer.result.code(), absl::StatusCode::kDeadlineExceeded) << answer.result;
  EXPECT_LE(answer.took, kInTime);
}

TEST_F(HttpCustomerEndpointTest, CallsThatAreSentTogetherAreThereTogether) {
  constexpr int kCalls = 100;
  Serve(GoodCustomer("key", absl::Milliseconds(500)), /*with_tls=*/true);
  for (int round = 1; round <= 2; ++round) EXPECT_EQ(PostTogether(kCalls, 200), kCalls);
  EXPECT_EQ(server_->peak(), kCalls);
  EXPECT_EQ(server_->connections(), kCalls) << "the second time on the same connections";
}

TEST_F(HttpCustomerEndpointTest, CallsThatAreSentTogetherHaveThreeSecondsEach) {
  ServeReply({.hang = true});
  std::vector<absl::Duration> took;
  EXPECT_EQ(PostTogether(50, 200, &took), 0);
  for (const absl::Duration each : took) {
    EXPECT_GE(each, absl::Seconds(2.9));
    EXPECT_LE(each, kInTime);
  }
}

// Listens, and says nothing to who connects.
class SilentServer {
 public:
  SilentServer() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(listener_, any, size), 0);
    EXPECT_EQ(listen(listener_, 100), 0);
    EXPECT_EQ(getsockname(listener_, any, &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~SilentServer() { close(listener_); }
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;

  int port() const { return port_; }

 private:
  const int listener_;
  int port_ = 0;
};

TEST_F(HttpCustomerEndpointTest, CallsThatAreSentTogetherWaitNoLongerForOneThatDoesNotConnect) {
  const SilentServer silent;
  Serve(GoodCustomer("key"));
  Connect();
  const std::vector<EndpointCall> calls = {
      {.uri = server_->Uri(), .body = "{}"},
      {.uri = absl::StrCat("https://127.0.0.1:", silent.port(), "/"), .body = "{}"}};
  std::vector<EndpointAnswer> answers(calls.size());
  absl::BlockingCounter left(static_cast<int>(calls.size()));
  endpoint_->PostTogether(calls, [&](size_t index, EndpointAnswer answer) {
    answers[index] = std::move(answer);
    left.DecrementCount();
  });
  left.Wait();
  EXPECT_TRUE(answers[0].result.ok()) << answers[0].result;
  EXPECT_LE(answers[0].took, absl::Seconds(1)) << "being held back is not of its time";
  EXPECT_EQ(answers[1].result.code(), absl::StatusCode::kDeadlineExceeded) << answers[1].result;
  EXPECT_LE(answers[1].took, kInTime);
}

TEST_F(HttpCustomerEndpointTest, WhatConnectingTookIsOfTheTimeOfCallsThatAreSentTogether) {
  server_ = std::make_unique<EndpointServer>(
      EndpointServer::Options{.certificate = certificates_.Path("server.pem"),
                              .key = certificates_.Path("server.key"),
                              .handshake_delay = absl::Seconds(1.8)},
      GoodCustomer("key", absl::Seconds(1.8)));
  const absl::Time start = absl::Now();
  EXPECT_EQ(PostTogether(20, 200), 0) << "each takes 3.6 s";
  EXPECT_LE(absl::Now() - start, kInTime);
}

TEST_F(HttpCustomerEndpointTest, CallsThatFailBeforeTheyAreSentDoNotHoldUpTheOthers) {
  Serve(GoodCustomer("key"));
  Connect();
  std::vector<EndpointCall> calls = {{.uri = server_->Uri(), .body = "{}"},
                                     {.uri = "ftp://x/", .body = "{}"},
                                     {.uri = "http://10.0.0.1/", .body = "{}"},
                                     {.uri = server_->Uri(), .body = "{}"}};
  std::vector<EndpointAnswer> answers(calls.size());
  absl::BlockingCounter left(static_cast<int>(calls.size()));
  endpoint_->PostTogether(calls, [&](size_t index, EndpointAnswer answer) {
    answers[index] = std::move(answer);
    left.DecrementCount();
  });
  left.Wait();
  EXPECT_TRUE(answers[0].result.ok()) << answers[0].result;
  EXPECT_EQ(answers[1].result.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(answers[2].result.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_TRUE(answers[3].result.ok()) << answers[3].result;
  EXPECT_LT(answers[0].took, absl::Seconds(2));
}

TEST_F(HttpCustomerEndpointTest, WhatIsUnderWayWhenItGoesIsCancelled) {
  ServeReply({.hang = true});
  Connect();
  resolver_.Add("slow.example", {"never"});
  std::vector<absl::StatusCode> codes;
  for (const std::string& uri : {server_->Uri(), std::string("http://slow.example/")}) {
    endpoint_->Post({.uri = uri, .body = "{}"},
                    [&](EndpointAnswer answer) { codes.push_back(answer.result.code()); });
  }
  endpoint_.reset();
  EXPECT_THAT(codes,
              testing::ElementsAre(absl::StatusCode::kCancelled, absl::StatusCode::kCancelled));
}

}  // namespace
}  // namespace livecounter::verifier
