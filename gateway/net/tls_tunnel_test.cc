#include "gateway/net/tls_tunnel.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gateway/net/testing/client.h"
#include "gateway/net/testing/harness.h"
#include "gtest/gtest.h"
#include "services/runtime/test_certificates.h"

namespace livecounter::gateway::net {
namespace {

size_t OpenDescriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<size_t>(std::distance(begin(all), end(all)));
}

// The reason of the alert, or other error, that ended the handshake of the newest client.
int HandshakeError() { return ERR_GET_REASON(ERR_peek_last_error()); }

using observability::TlsHandshakeResult;

constexpr size_t kFillSize = 100;

class TlsTunnelTest : public testing::Test {
 protected:
  TlsTunnelTest() : client_context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_load_verify_file(context(), certificates_.Path("ca.pem").c_str());
    SSL_CTX_set_verify(context(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_options(context(), SSL_OP_IGNORE_UNEXPECTED_EOF);
    ERR_clear_error();
  }

  void Serve(Script script = {}, SocketTransport::Options options = {}) {
    options.tls = {.cert = certificates_.Path("server.pem"),
                   .key = certificates_.Path("server.key")};
    options.on_handshake = [this](TlsHandshakeResult result) { handshakes_.Add(Name(result)); };
    harness_ = std::make_unique<Harness>(std::move(script), options);
  }
  static SocketTransport::Options With(const TransportLimits& limits) {
    SocketTransport::Options options;
    options.limits = limits;
    return options;
  }

  // Whether the only handshake so far, or the next, ends so.
  bool EndsAs(TlsHandshakeResult result) {
    const bool ended = handshakes_.WaitFor(Name(result));
    return ended && handshakes_.events().size() == 1;
  }
  static std::string Name(TlsHandshakeResult result) {
    return absl::StrCat("result ", static_cast<int>(result));
  }

  SSL_CTX* context() { return client_context_.get(); }
  int port() const { return harness_->port(); }
  // An event stream that has sent its opening.
  std::unique_ptr<Client> OpenEventStream(absl::string_view headers = "") {
    auto client = std::make_unique<Client>(port(), context());
    client->Send(HttpRequest("GET", "/stream", headers));
    EXPECT_NE(client->ReadUntil("hello\n\n"), "");
    return client;
  }
  // A script whose every request becomes an event stream of the harness.
  Script StreamScript() {
    Script script;
    script.on_request = [this](std::unique_ptr<Exchange> exchange) {
      exchange->StartEventStream({}, "hello\n\n", harness_->MakeStream());
    };
    return script;
  }
  // Sends until nothing more is taken, for as long as what was sent may still be carried; how many bytes were.
  size_t Fill() {
    const std::string frame = EncodeText(std::string(kFillSize, 'x'));
    size_t taken = 0;
    for (int idle_turns = 0; idle_turns < 100; ++idle_turns) {
      harness_->OnLoop([&] {
        while (harness_->connection->Send(frame)) {
          taken += frame.size();
          idle_turns = 0;
        }
      });
    }
    return taken;
  }

  runtime::TestCertificates certificates_;
  std::unique_ptr<SSL_CTX, TlsDeleter> client_context_;
  EventLog handshakes_;
  std::unique_ptr<Harness> harness_;
};

TEST_F(TlsTunnelTest, CarriesRequestsAndAnswers) {
  Script script;
  script.on_request = [](std::unique_ptr<Exchange> exchange) {
    exchange->Respond({200, {}, absl::StrCat("you are ", exchange->request().peer_address)});
  };
  Serve(std::move(script));
  Client client(port(), context());
  ASSERT_TRUE(client.connected());
  for (int i = 0; i < 3; ++i) {
    client.Send(HttpRequest("GET", "/"));
    EXPECT_EQ(client.ReadAnswer().body, "you are 127.0.0.1");
  }
  EXPECT_TRUE(EndsAs(TlsHandshakeResult::kOk));
}

TEST_F(TlsTunnelTest, CarriesWhatIsLargeBothWays) {
  const std::string body(1'000'000, 'x');
  Script script;
  script.on_request = [&body](std::unique_ptr<Exchange> exchange) {
    const size_t name_size = exchange->request().header("accept").value_or("").size();
    exchange->Respond({200, {}, absl::StrCat(name_size, body)});
  };
  Serve(std::move(script));
  Client client(port(), context());
  for (int i = 0; i < 2; ++i) {
    client.Send(
        HttpRequest("GET", "/", absl::StrCat("Accept: ", std::string(15'000, 'a'), "\r\n")));
    EXPECT_EQ(client.ReadAnswer().body, absl::StrCat(15'000, body));
  }
}

TEST_F(TlsTunnelTest, CarriesWebSockets) {
  Serve();
  harness_->stream.on_message = [](Connection& connection, absl::string_view payload) {
    connection.Send(EncodeText(payload));
  };
  WebSocketClient client(port(), context());
  EXPECT_EQ(client.Upgrade("/sub").status, 101);
  client.SendFrame(kText, "there and back");
  EXPECT_EQ(client.ReadFrame().payload, "there and back");
  client.SendCloseFrame(1001);
  client.Close();
  EXPECT_TRUE(harness_->log.WaitFor("closed 1001"));
}

TEST_F(TlsTunnelTest, AClosesReasonReachesTheClientThenCloseNotify) {
  Serve();
  WebSocketClient client(port(), context());
  EXPECT_EQ(client.Upgrade("/sub").status, 101);
  ASSERT_TRUE(harness_->log.WaitFor("open"));
  harness_->OnLoop([this] { harness_->connection->Close({1001, "retry=5"}); });
  const Frame frame = client.ReadFrame();
  EXPECT_EQ(frame.code(), 1001);
  EXPECT_EQ(frame.text(), "retry=5");
  client.SendCloseFrame(1001);
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_EQ(SSL_get_shutdown(client.tls()), SSL_RECEIVED_SHUTDOWN);
}

TEST_F(TlsTunnelTest, AClientsCloseNotifyEndsItsInputNotItsAnswer) {
  Script script;
  script.on_request = [](std::unique_ptr<Exchange> exchange) {
    Exchange* waiting = exchange.release();
    waiting->OnAbandoned([waiting] {
      waiting->Respond({200, {}, "still for you"});
      delete waiting;
    });
  };
  Serve(std::move(script));
  Client client(port(), context());
  client.Send(HttpRequest("GET", "/"));
  client.CloseSending();
  EXPECT_EQ(client.ReadAnswer().body, "still for you");
}

TEST_F(TlsTunnelTest, AnEndWithoutCloseNotifyIsAnEnd) {
  Serve(StreamScript());
  OpenEventStream()->Close();
  EXPECT_TRUE(harness_->log.WaitFor("closed"));
}

TEST_F(TlsTunnelTest, AResetIsAnEnd) {
  Serve(StreamScript());
  OpenEventStream()->CloseWithReset();
  EXPECT_TRUE(harness_->log.WaitFor("closed"));
}

TEST_F(TlsTunnelTest, WhatIsNotTlsAfterTheHandshakeIsAnEnd) {
  Serve(StreamScript());
  const std::unique_ptr<Client> client = OpenEventStream();
  EXPECT_EQ(send(client->fd(), "this is no record", 17, 0), 17);
  EXPECT_TRUE(harness_->log.WaitFor("closed"));
}

TEST_F(TlsTunnelTest, ASlowReaderHoldsUpItsStreamAndThenGetsTheNewest) {
  std::string newest = "old";
  Serve();
  harness_->stream.on_writable = [&newest](Connection& connection) {
    connection.Send(EncodeText(newest));
  };
  WebSocketClient client(port(), context());
  client.SetReceiveBuffer(4096);
  EXPECT_EQ(client.Upgrade("/sub").status, 101);
  ASSERT_TRUE(harness_->log.WaitFor("open"));
  const size_t taken = Fill();
  // Buffers of the pair, the tunnel and two sockets.
  EXPECT_LT(taken, 64 * 1024u);
  harness_->OnLoop([&newest] { newest = "newest"; });
  size_t received = 0;
  std::string payload;
  while (payload != "newest") {
    payload = client.ReadFrame().payload;
    ASSERT_NE(payload, "");
    if (payload.size() == kFillSize) received += EncodeText(payload).size();
  }
  EXPECT_EQ(received, taken);
}

TEST_F(TlsTunnelTest, AClientThatTakesNothingIsDroppedInTime) {
  TransportLimits limits;
  limits.unwritable = absl::Milliseconds(500);
  Serve(StreamScript(), With(limits));
  harness_->stream.on_open = harness_->stream.on_writable = [](Connection& connection) {
    while (connection.Send(EncodeText(std::string(kFillSize, 'x')))) {
    }
  };
  auto client = std::make_unique<Client>(port(), context());
  client->SetReceiveBuffer(4096);
  client->Send(HttpRequest("GET", "/stream"));
  EXPECT_TRUE(harness_->log.WaitFor("closed"));
  // With what it was owed: a close in order would come after it.
  while (client->ReadBytes(1000).size() == 1000) {
  }
  EXPECT_EQ(SSL_get_shutdown(client->tls()) & SSL_RECEIVED_SHUTDOWN, 0);
}

TEST_F(TlsTunnelTest, AStreamsOptionsAreOnTheClientsSocket) {
  TransportLimits limits;
  limits.unacknowledged = absl::Seconds(7);
  Serve(StreamScript(), With(limits));
  const std::unique_ptr<Client> client = OpenEventStream();
  sockaddr_in address;
  socklen_t size = sizeof(address);
  getsockname(client->fd(), reinterpret_cast<sockaddr*>(&address), &size);
  // The server's socket is the one in this process whose peer is the client's.
  unsigned int timeout = 0;
  for (int fd = 0; fd < 1000; ++fd) {
    sockaddr_in peer = {};
    size = sizeof(peer);
    if (getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0) continue;
    if (peer.sin_family != AF_INET || peer.sin_port != address.sin_port) continue;
    size = sizeof(timeout);
    getsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, &size);
  }
  EXPECT_EQ(timeout, 7000u);
}

TEST_F(TlsTunnelTest, AHandshakeHasTheTimeOfARequest) {
  TransportLimits limits;
  limits.request = absl::Milliseconds(300);
  Serve({}, With(limits));
  Client silent(port());
  EXPECT_TRUE(silent.AtEnd());
  EXPECT_TRUE(EndsAs(TlsHandshakeResult::kTimeout));
  Client begun(port());
  begun.Send("\x16\x03");
  EXPECT_TRUE(begun.AtEnd());
}

TEST_F(TlsTunnelTest, PlainHttpIsClosedInOrder) {
  Serve();
  Client client(port());
  client.Send(HttpRequest("GET", "/"));
  client.ReadToEnd();
  char byte;
  EXPECT_EQ(recv(client.fd(), &byte, 1, 0), 0);
  EXPECT_TRUE(EndsAs(TlsHandshakeResult::kNotTls));
}

TEST_F(TlsTunnelTest, AClientThatGoesIsKnownToHaveGone) {
  Serve();
  { const Client client(port()); }
  EXPECT_TRUE(EndsAs(TlsHandshakeResult::kClosed));
}

TEST_F(TlsTunnelTest, AClientThatDoesNotTrustTheCertificateIsKnownForIt) {
  Serve();
  SSL_CTX_set_cert_store(context(), X509_STORE_new());
  EXPECT_FALSE(Client(port(), context()).connected());
  EXPECT_TRUE(EndsAs(TlsHandshakeResult::kCertificate));
}

TEST_F(TlsTunnelTest, AClientWithOtherCiphersIsKnownForIt) {
  Serve();
  SSL_CTX_set_max_proto_version(context(), TLS1_2_VERSION);
  SSL_CTX_set_security_level(context(), 0);
  ASSERT_EQ(SSL_CTX_set_cipher_list(context(), "AES128-SHA"), 1);
  EXPECT_FALSE(Client(port(), context()).connected());
  EXPECT_TRUE(EndsAs(TlsHandshakeResult::kCipher));
}

TEST_F(TlsTunnelTest, OldVersionsAreRefused) {
  Serve();
  SSL_CTX_set_min_proto_version(context(), TLS1_1_VERSION);
  SSL_CTX_set_max_proto_version(context(), TLS1_1_VERSION);
  SSL_CTX_set_security_level(context(), 0);
  EXPECT_FALSE(Client(port(), context()).connected());
  EXPECT_EQ(HandshakeError(), SSL_R_TLSV1_ALERT_PROTOCOL_VERSION);
  EXPECT_TRUE(EndsAs(TlsHandshakeResult::kProtocol));
}

TEST_F(TlsTunnelTest, OnlyHttp11IsChosenOfTheProtocolsOffered) {
  Serve();
  const auto offer = [this](const std::string& protocols) {
    SSL_CTX_set_alpn_protos(context(), reinterpret_cast<const unsigned char*>(protocols.data()),
                            static_cast<unsigned>(protocols.size()));
  };
  offer("\x02h2\x08http/1.1");
  Client both(port(), context());
  ASSERT_TRUE(both.connected());
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(both.tls(), &chosen, &size);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(chosen), size), "http/1.1");
  offer("\x02h2");
  EXPECT_FALSE(Client(port(), context()).connected());
  EXPECT_EQ(HandshakeError(), SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL);
  EXPECT_TRUE(handshakes_.WaitFor(Name(TlsHandshakeResult::kProtocol)));
}

TEST_F(TlsTunnelTest, SessionsAreResumedOnAnyLoop) {
  SocketTransport::Options options;
  options.threads = 4;
  Serve({}, options);
  Client first(port(), context());
  first.Send(HttpRequest("GET", "/"));
  EXPECT_EQ(first.ReadAnswer().status, 200);  // the ticket came before it
  SSL_SESSION* session = SSL_get1_session(first.tls());
  for (int i = 0; i < 20; ++i) {
    Client again(port(), context(), session);
    EXPECT_EQ(SSL_session_reused(again.tls()), 1);
    again.CloseSending();  // OpenSSL resumes no session whose connection broke off
  }
  SSL_SESSION_free(session);
}

TEST_F(TlsTunnelTest, AClientIsDroppedWhenItsPairWouldTakeTheDescriptorsOfOthers) {
  Serve();
  // A quarter of them is left to others: the client's and the server's socket are below that, no pair is.
  auto few = std::make_unique<DescriptorsInUse>(/*limit=*/200, /*left=*/52);
  Client client(port(), context());
  EXPECT_TRUE(client.connected());
  EXPECT_EQ(client.ReadToEnd(), "");
  few.reset();
  Client after(port(), context());
  after.Send(HttpRequest("GET", "/"));
  EXPECT_EQ(after.ReadAnswer().status, 200);
}

TEST_F(TlsTunnelTest, AClientIsDroppedWhenThereIsNoDescriptorForAPair) {
  TransportLimits limits;
  limits.spare_descriptors = 0;
  Serve({}, With(limits));
  auto exhausted = std::make_unique<DescriptorsInUse>(/*limit=*/200, /*left=*/3);
  Client client(port(), context());
  EXPECT_TRUE(client.connected());
  EXPECT_EQ(client.ReadToEnd(), "");
  client.Close();
  exhausted.reset();
  Client after(port(), context());
  after.Send(HttpRequest("GET", "/"));
  EXPECT_EQ(after.ReadAnswer().status, 200);
}

TEST_F(TlsTunnelTest, StoppingEndsEverything) {
  Serve(StreamScript());
  const std::unique_ptr<Client> stream = OpenEventStream();
  WebSocketClient web_socket(port(), context());
  EXPECT_EQ(web_socket.Upgrade("/sub").status, 101);
  ASSERT_TRUE(harness_->log.WaitFor("open", 2));
  Client idle(port(), context());
  Client shaking_hands(port());
  harness_->transport().Stop();
  for (Client* client : std::vector<Client*>{stream.get(), &web_socket, &idle}) {
    EXPECT_EQ(client->ReadToEnd(), "");
  }
  EXPECT_TRUE(shaking_hands.AtEnd());
  EXPECT_EQ(harness_->log.Count("closed"), 2u);
}

TEST_F(TlsTunnelTest, AThousandConnectionsLeaveNothingBehind) {
  CountAllOfTheHeap();
  Serve(StreamScript());
  const auto come_and_go = [this](int rounds) {
    for (int i = 0; i < rounds; ++i) {
      Client(port()).CloseWithReset();
      Client(port(), context()).Close();
      // Accepted in order: when this one is gone, the two before it have been accepted too.
      harness_->log.Clear();
      handshakes_.Clear();
      OpenEventStream()->Close();
      EXPECT_TRUE(harness_->log.WaitFor("destroyed"));
    }
  };
  come_and_go(500);
  const size_t descriptors = OpenDescriptors();
  const int64_t heap = LiveHeap();
  come_and_go(1'000);
  for (int i = 0; i < 500 && OpenDescriptors() > descriptors; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_LE(OpenDescriptors(), descriptors);
  // The last one or two, of 15 KB each, may still be on their way out.
  EXPECT_LT(LiveHeap() - heap, 1'000 * 64);
}

TEST_F(TlsTunnelTest, IdleAndAnnoyingClientsCostNoCpu) {
  Serve(StreamScript());
  const std::unique_ptr<Client> stream = OpenEventStream();
  Client silent(port());
  Client half_closed(port(), context());
  half_closed.Send("GET /");
  half_closed.CloseSending();
  WebSocketClient behind(port(), context());
  behind.SetReceiveBuffer(4096);
  EXPECT_EQ(behind.Upgrade("/sub").status, 101);
  ASSERT_TRUE(harness_->log.WaitFor("open", 2));
  EXPECT_GT(Fill(), 0u);
  for (int i = 0; i < 20; ++i) behind.SendFrame(kPing, "are you there");
  const absl::Duration before = ProcessCpuTime();
  EXPECT_TRUE(silent.SilentFor(absl::Seconds(1)));
  EXPECT_LT(ProcessCpuTime() - before, absl::Milliseconds(100));
}

}  // namespace
}  // namespace livecounter::gateway::net
