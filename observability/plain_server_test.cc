#include "observability/plain_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::observability {
namespace {

using ::testing::StartsWith;

// A connection to a port of this machine.
class Peer {
 public:
  explicit Peer(int port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }
  ~Peer() { close(fd_); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  bool connected() const { return connected_; }
  void Send(absl::string_view bytes) {
    EXPECT_EQ(send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  // All that comes until the server closes.
  std::string ReadAll() {
    std::string all;
    char buffer[4096];
    for (ssize_t n; (n = recv(fd_, buffer, sizeof(buffer), 0)) > 0;) all.append(buffer, n);
    return all;
  }
  std::string Ask(absl::string_view request) {
    Send(request);
    return ReadAll();
  }

 private:
  const int fd_;
  bool connected_ = false;
};

std::string Echo(absl::string_view method, absl::string_view target) {
  return absl::StrCat("HTTP/1.1 200 OK\r\n\r\n", method, " ", target);
}

std::unique_ptr<PlainServer> Serve(PlainServer::Handler handler = Echo,
                                   absl::Duration patience = absl::Minutes(10)) {
  auto server = PlainServer::Start({.host = "127.0.0.1", .port = 0, .patience = patience},
                                   std::move(handler));
  EXPECT_TRUE(server.ok()) << server.status();
  return *std::move(server);
}

TEST(PlainServerTest, HandsOnMethodAndTarget) {
  const auto server = Serve();
  EXPECT_EQ(Peer(server->port()).Ask("GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n"),
            "HTTP/1.1 200 OK\r\n\r\nGET /a?b=c");
}

TEST(PlainServerTest, ARequestMayComeInPieces) {
  const auto server = Serve();
  Peer peer(server->port());
  peer.Send("GET /a HT");
  peer.Send("TP/1.0\r\n\r");
  EXPECT_EQ(peer.Ask("\n"), "HTTP/1.1 200 OK\r\n\r\nGET /a");
}

TEST(PlainServerTest, ABodyIsNotReadAndTheAnswerArrives) {
  const auto server = Serve();
  Peer peer(server->port());
  EXPECT_THAT(peer.Ask(absl::StrCat("POST /a HTTP/1.1\r\nContent-Length: 100000\r\n\r\n",
                                    std::string(100000, 'x'))),
              StartsWith("HTTP/1.1 200 "));
}

TEST(PlainServerTest, WhatIsNoRequestIsRefused) {
  const auto server = Serve();
  for (const char* request : {"GET /a\r\n\r\n", "GET  HTTP/1.1\r\n\r\n", " / HTTP/1.1\r\n\r\n",
                              "GET / HTTP/2.0\r\n\r\n", "GET / x HTTP/1.1\r\n\r\n", "\r\n\r\n"}) {
    EXPECT_THAT(Peer(server->port()).Ask(request), StartsWith("HTTP/1.1 400 ")) << request;
  }
}

TEST(PlainServerTest, AHeadOverItsBoundIsRefused) {
  const auto server = Serve();
  const std::string head = "GET / HTTP/1.1\r\nX: ";
  EXPECT_THAT(Peer(server->port()).Ask(absl::StrCat(head, std::string(8000, 'x'), "\r\n\r\n")),
              StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(Peer(server->port()).Ask(head + std::string(PlainServer::kMaxHeadBytes, 'x')),
              StartsWith("HTTP/1.1 431 "));
}

TEST(PlainServerTest, ThoseWhoDawdleKeepNobodyWaiting) {
  const auto server = Serve();
  std::vector<std::unique_ptr<Peer>> slow;
  for (size_t i = 0; i + 1 < PlainServer::kMaxClients; ++i) {
    slow.push_back(std::make_unique<Peer>(server->port()));
    slow.back()->Send("GET / HTTP");
  }
  EXPECT_THAT(Peer(server->port()).Ask("GET / HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
  for (const auto& peer : slow) {
    EXPECT_THAT(peer->Ask("/1.1\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
  }
}

TEST(PlainServerTest, WhoIsOneTooManyIsServedOnceAnotherIsGone) {
  const auto server = Serve();
  std::vector<std::unique_ptr<Peer>> all;
  for (size_t i = 0; i < PlainServer::kMaxClients; ++i) {
    all.push_back(std::make_unique<Peer>(server->port()));
  }
  Peer late(server->port());
  late.Send("GET / HTTP/1.1\r\n\r\n");
  all.pop_back();
  EXPECT_THAT(late.ReadAll(), StartsWith("HTTP/1.1 200 "));
}

TEST(PlainServerTest, WhoTakesTooLongIsDisconnected) {
  const auto server = Serve(Echo, absl::Milliseconds(20));
  Peer silent(server->port());
  EXPECT_EQ(silent.ReadAll(), "");
  Peer unfinished(server->port());
  unfinished.Send("GET / HTTP");
  EXPECT_EQ(unfinished.ReadAll(), "");
}

TEST(PlainServerTest, AnAnswerThatNoSocketHoldsArrivesWhole) {
  const std::string body(32 << 20, 'x');
  const auto server = Serve([&](absl::string_view, absl::string_view) { return body; });
  EXPECT_EQ(Peer(server->port()).Ask("GET / HTTP/1.1\r\n\r\n").size(), body.size());
}

TEST(PlainServerTest, StopsAtOnceWithClientsWhoWait) {
  auto server = Serve();
  Peer silent(server->port());
  Peer unfinished(server->port());
  unfinished.Send("GET / HTTP");
  const int port = server->port();
  server.reset();
  EXPECT_EQ(silent.ReadAll(), "");
  EXPECT_FALSE(Peer(port).connected());
}

TEST(PlainServerTest, AnAddressOfNoFamilyIsAnError) {
  EXPECT_EQ(PlainServer::Start({.host = "no-such-host.invalid"}, Echo).status().code(),
            absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace livecounter::observability
