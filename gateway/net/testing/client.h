// A client for tests: one blocking socket driven by hand, with TLS or without, each wait bounded, so that a
// test fails instead of hanging. Not thread-safe.

#ifndef LIVECOUNTER_GATEWAY_NET_TESTING_CLIENT_H_
#define LIVECOUNTER_GATEWAY_NET_TESTING_CLIENT_H_

#include <openssl/ssl.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "gateway/net/file_descriptor.h"

namespace livecounter::gateway::net {

// An HTTP response, taken apart.
struct Answer {
  int status = 0;                              // 0: there was none
  std::map<std::string, std::string> headers;  // lower-case names
  std::string body;
};

class Client {
 public:
  // Connects to loopback and, with `context`, shakes hands, resuming `session` where there is one; or leaves
  // a client whose connected() is false, and OpenSSL's error queue with the reason.
  explicit Client(int port, SSL_CTX* context = nullptr, SSL_SESSION* session = nullptr);

  bool connected() const { return socket_.valid(); }
  int fd() const { return socket_.get(); }
  // Null without TLS.
  SSL* tls() const { return tls_.get(); }

  // False when the other side takes no more.
  bool Send(absl::string_view bytes);
  // With TLS it says close_notify, and the socket stays open.
  void CloseSending();
  void Close() { socket_.Reset(); }
  void CloseWithReset();
  // Before anything is read: the kernel then takes little that is not read.
  void SetReceiveBuffer(int bytes);

  // What was received up to and with `end`; what there is when the connection or the wait ends before.
  std::string ReadUntil(absl::string_view end);
  std::string ReadBytes(size_t count);
  std::string ReadToEnd();
  // To the end of its content-length, or of the connection. `is_head`: it has no body.
  Answer ReadAnswer(bool is_head = false);
  // Whether the other side has closed, in order or not, with nothing left to read. Not with TLS.
  bool AtEnd();
  // Whether nothing comes for that long. Not with TLS.
  bool SilentFor(absl::Duration time);

 protected:
  // Receives once; false at the end or when waiting is over.
  bool Receive();
  void SetTimeout(absl::Duration timeout);

  std::string received_;

 private:
  struct FreeTls {
    void operator()(SSL* tls) const { SSL_free(tls); }
  };

  FileDescriptor socket_;
  std::unique_ptr<SSL, FreeTls> tls_;
};

// "GET /x HTTP/1.1" with Host and `headers` (each ending in CRLF).
std::string HttpRequest(absl::string_view method, absl::string_view target,
                        absl::string_view headers = "");
Answer ParseAnswerHead(absl::string_view head);

struct Frame {
  int opcode = -1;  // -1: there was none
  std::string payload;

  // Of a close frame.
  absl::optional<uint16_t> code() const;
  std::string text() const { return payload.size() > 2 ? payload.substr(2) : ""; }
};

inline constexpr int kContinuation = 0;
inline constexpr int kText = 1;
inline constexpr int kBinary = 2;
inline constexpr int kCloseOpcode = 8;
inline constexpr int kPing = 9;
inline constexpr int kPong = 10;

// A WebSocket client that does nothing by itself: it answers no ping and no close.
class WebSocketClient : public Client {
 public:
  using Client::Client;

  // The answer to the handshake: 101, or what refused it.
  Answer Upgrade(absl::string_view target, absl::string_view headers = "");
  void SendFrame(int opcode, absl::string_view payload, bool is_final = true);
  void SendCloseFrame(uint16_t code, absl::string_view text = "");
  Frame ReadFrame();
};

// The request of a valid handshake.
std::string UpgradeRequest(absl::string_view target, absl::string_view headers = "");
// As a client sends it, masked.
std::string MaskedFrame(int opcode, absl::string_view payload, bool is_final = true);

}  // namespace livecounter::gateway::net

#endif  // LIVECOUNTER_GATEWAY_NET_TESTING_CLIENT_H_
