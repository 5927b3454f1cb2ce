// What must never be called (contract §4): addresses in every spelling, names that lead to them, and names
// that change their mind. A server on loopback sees that nobody comes.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/runtime/clock.h"
#include "verifier/caching_resolver.h"
#include "verifier/http_customer_endpoint.h"
#include "verifier/testing/endpoint_server.h"
#include "verifier/testing/stub_resolver.h"

namespace livecounter::verifier {
namespace {

class SsrfTest : public testing::Test {
 protected:
  explicit SsrfTest(const AddressPolicy& policy = AddressPolicy())
      : server_({}, GoodCustomer("key")), endpoint_({.policy = policy}, resolver_) {}

  // "PORT" stands for the server's.
  EndpointAnswer Post(const std::string& uri) {
    EndpointAnswer answer;
    absl::Notification done;
    endpoint_.Post(
        {.uri = absl::StrReplaceAll(uri, {{"PORT", absl::StrCat(server_.port())}}), .body = "{}"},
        [&](EndpointAnswer got) {
          answer = std::move(got);
          done.Notify();
        });
    done.WaitForNotification();
    return answer;
  }
  void ExpectRefused(const std::string& uri) {
    const absl::Status result = Post(uri).result;
    EXPECT_TRUE(absl::IsPermissionDenied(result) || absl::IsInvalidArgument(result))
        << uri << ": " << result;
    EXPECT_EQ(server_.connections(), 0) << uri;
  }

  EndpointServer server_;
  StubResolver resolver_;
  HttpCustomerEndpoint endpoint_;
};

TEST_F(SsrfTest, AddressesInEverySpellingAreRefused) {
  resolver_.Add("127.0.0.1.", {"127.0.0.1"});
  const std::vector<std::string> uris = {
      // Loopback.
      "http://127.0.0.1:PORT/",
      "http://127.1:PORT/",
      "http://127.0.1:PORT/",
      "http://127.255.255.254:PORT/",
      "http://2130706433:PORT/",
      "http://0x7f000001:PORT/",
      "http://0X7F000001:PORT/",
      "http://0x7f.0.0.1:PORT/",
      "http://0x7f.0x0.0x0.0x1:PORT/",
      "http://0x7f.1:PORT/",
      "http://017700000001:PORT/",
      "http://0177.0.0.1:PORT/",
      "http://0177.0.0.01:PORT/",
      "http://0177.1:PORT/",
      "http://00000177.0.0.1:PORT/",
      "http://127.0x1:PORT/",
      "http://%31%32%37.0.0.1:PORT/",
      "http://127.0.0.1%2e:PORT/",
      "http://127%2e0%2e0%2e1:PORT/",
      "http://[::1]:PORT/",
      "http://[0:0:0:0:0:0:0:1]:PORT/",
      "http://[0000:0000:0000:0000:0000:0000:0000:0001]:PORT/",
      "http://[::ffff:127.0.0.1]:PORT/",
      "http://[::ffff:7f00:1]:PORT/",
      "http://[0:0:0:0:0:ffff:127.0.0.1]:PORT/",
      "http://[::127.0.0.1]:PORT/",
      "http://[::7f00:1]:PORT/",
      // This host.
      "http://0.0.0.0:PORT/",
      "http://0:PORT/",
      "http://0x0:PORT/",
      "http://[::]:PORT/",
      // Inside IPv6.
      "http://[64:ff9b::127.0.0.1]:PORT/",
      "http://[64:ff9b::7f00:1]:PORT/",
      "http://[64:ff9b:1::7f00:1]:PORT/",
      "http://[2002:7f00:1::]:PORT/",
      "http://[2002:a00:1::1]:PORT/",
      "http://[2001:0:7f00:1::]:PORT/",
      "http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]:PORT/",
      // Private, shared, link-local.
      "http://10.0.0.1/",
      "http://012.0.0.1/",
      "http://167772161/",
      "http://172.16.0.1/",
      "http://192.168.0.1/",
      "http://0xc0a80001/",
      "http://3232235521/",
      "http://100.64.0.1/",
      "http://169.254.1.1/",
      "http://[::ffff:10.0.0.1]/",
      "http://[fc00::1]/",
      "http://[fd12:3456:789a::1]/",
      "http://[fe80::1]/",
      "http://[fe80::1%25lo]/",
      "http://[fe80::1%25eth0]:PORT/",
      "http://[fec0::1]/",
      // Metadata.
      "http://169.254.169.254/latest/meta-data/",
      "http://2852039166/latest/meta-data/",
      "http://0xa9fea9fe/",
      "http://0251.0376.0251.0376/",
      "http://169.254.43518/",
      "http://[::ffff:a9fe:a9fe]/",
      "http://[fd00:ec2::254]/",
      "http://100.100.100.200/",
      "http://192.0.0.192/",
      "http://168.63.129.16/",
      // Multicast, documentation, benchmarking, reserved.
      "http://224.0.0.1/",
      "http://[ff02::1]/",
      "http://192.0.2.1/",
      "http://198.51.100.1/",
      "http://203.0.113.1/",
      "http://[2001:db8::1]/",
      "http://198.18.0.1/",
      "http://240.0.0.1/",
      "http://255.255.255.255/",
      // Who it is that is called.
      "http://shop.example@127.0.0.1:PORT/",
      "http://shop.example:80@127.0.0.1:PORT/",
      "http://127.0.0.1:PORT@shop.example/",
      "http://shop.example%40127.0.0.1:PORT/",
      "http://shop.example\\@127.0.0.1:PORT/",
      "http://127.0.0.1:PORT\\@shop.example/",
      "http://127.0.0.1:PORT#@shop.example/",
      "http:/127.0.0.1:PORT/",
      "http:///127.0.0.1:PORT/",
      // Schemes.
      "file:///etc/passwd",
      "ftp://127.0.0.1:PORT/",
      "gopher://127.0.0.1:PORT/_POST",
      "dict://127.0.0.1:PORT/",
      "unix:///var/run/docker.sock",
      // Characters.
      "http://\xe2\x91\xa0\xe2\x91\xa1\xe2\x91\xa6.0.0.1:PORT/",
      "http://127\xe3\x80\x82"
      "0\xe3\x80\x82"
      "0\xe3\x80\x82"
      "1:PORT/",
      "http://127.0.0.1 :PORT/",
      "http://127.0.0.1\r\n.shop.example:PORT/",
  };
  EXPECT_GE(uris.size(), 60u);
  for (const std::string& uri : uris) ExpectRefused(uri);
}

TEST_F(SsrfTest, NamesThatLeadThereAreRefused) {
  resolver_.Add("localhost", {"127.0.0.1", "::1"});
  resolver_.Add("localhost.", {"127.0.0.1"});
  resolver_.Add("127.0.0.1.", {"127.0.0.1"});
  resolver_.Add("metadata.google.internal", {"169.254.169.254"});
  resolver_.Add("metadata", {"169.254.169.254"});
  resolver_.Add("instance-data", {"169.254.169.254"});
  resolver_.Add("127.0.0.1.nip.example", {"127.0.0.1"});
  resolver_.Add("v6.shop.example", {"::ffff:127.0.0.1"});
  resolver_.Add("ula.shop.example", {"fd00::1"});
  for (const char* host : {"localhost", "LOCALHOST", "localhost.", "127.0.0.1.",
                           "metadata.google.internal", "metadata", "instance-data",
                           "127.0.0.1.nip.example", "v6.shop.example", "ula.shop.example"}) {
    ExpectRefused(absl::StrCat("http://", host, ":PORT/"));
  }
}

TEST_F(SsrfTest, ANameWithOnePublicAndOnePrivateAddressIsRefused) {
  resolver_.Add("mixed.example", {"198.41.0.4", "127.0.0.1"});
  ExpectRefused("http://mixed.example:PORT/");
  resolver_.Add("other.example", {"::1", "198.41.0.4"});
  ExpectRefused("http://other.example:PORT/");
}

TEST_F(SsrfTest, WhereAnInternalNameLeadsIsNotTold) {
  resolver_.Add("db.internal", {"10.1.2.3"});
  const absl::Status refused = Post("http://db.internal:PORT/").result;
  EXPECT_TRUE(absl::IsPermissionDenied(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()), testing::HasSubstr("the host db.internal leads to"));
  EXPECT_THAT(std::string(refused.message()), testing::Not(testing::HasSubstr("10.1")));
}

// Loopback stands for a public address here: 127.0.0.0/16 is allowed, 127.99.0.0/16 is not.
class RebindingTest : public SsrfTest {
 protected:
  static AddressPolicy Policy() {
    runtime::IpRanges ranges;
    std::string error;
    EXPECT_TRUE(AbslParseFlag("127.0.0.0/16", &ranges, &error)) << error;
    return AddressPolicy(ranges);
  }
  RebindingTest() : SsrfTest(Policy()) {}
};

TEST_F(RebindingTest, TheAddressThatWasCheckedIsTheOneConnectedTo) {
  // One look-up for a call: whatever the name server says next is not asked for.
  resolver_.Add("rebind.example", {"127.0.0.1"});
  resolver_.Add("rebind.example", {"127.99.0.1"});
  const EndpointAnswer answer = Post("http://rebind.example:PORT/");
  EXPECT_TRUE(answer.result.ok()) << answer.result;
  EXPECT_EQ(resolver_.look_ups(), 1);
}

TEST_F(RebindingTest, ANameThatBecomesPrivateIsRefusedFromThenOn) {
  resolver_.Add("rebind.example", {"127.0.0.1"});
  resolver_.Add("rebind.example", {"127.99.0.1"});
  EXPECT_TRUE(Post("http://rebind.example:PORT/").result.ok());
  EXPECT_TRUE(absl::IsPermissionDenied(Post("http://rebind.example:PORT/").result));
  EXPECT_EQ(server_.requests(), 1);
}

TEST_F(RebindingTest, ANewAddressReplacesTheOneThatLibcurlRemembers) {
  resolver_.Add("moved.example", {"127.0.0.2"});
  resolver_.Add("moved.example", {"127.0.0.1"});
  EXPECT_FALSE(Post("http://moved.example:PORT/").result.ok()) << "nobody listens there";
  EXPECT_TRUE(Post("http://moved.example:PORT/").result.ok());
}

TEST_F(RebindingTest, ARedirectToAPrivateAddressIsNotFollowed) {
  EndpointServer redirecting({}, [](const ServerRequest&) {
    return ServerReply{.status = 307, .headers = "Location: http://127.99.0.1/\r\n"};
  });
  const EndpointAnswer answer = Post(redirecting.Uri());
  EXPECT_EQ(answer.status, 307);
  EXPECT_EQ(redirecting.requests(), 1);
}

}  // namespace
}  // namespace livecounter::verifier
