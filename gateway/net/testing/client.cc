#include "gateway/net/testing/client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gateway/net/socket_io.h"

namespace livecounter::gateway::net {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(20);
constexpr char kMask[] = {'\x11', '\x22', '\x33', '\x44'};

FileDescriptor Connect(int port) {
  FileDescriptor connected(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(connected.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    return FileDescriptor();
  }
  return connected;
}

uint64_t BigEndian(absl::string_view bytes) {
  uint64_t value = 0;
  for (char c : bytes) value = value << 8 | static_cast<uint8_t>(c);
  return value;
}

}  // namespace

Client::Client(int port, SSL_CTX* context, SSL_SESSION* session) : socket_(Connect(port)) {
  SetTimeout(kPatience);
  if (context == nullptr || !connected()) return;
  tls_.reset(SSL_new(context));
  SSL_set_fd(tls_.get(), fd());
  if (session != nullptr) SSL_set_session(tls_.get(), session);
  if (SSL_connect(tls_.get()) != 1) socket_.Reset();
}

void Client::SetTimeout(absl::Duration timeout) {
  const timeval value = absl::ToTimeval(timeout);
  setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &value, sizeof(value));
  setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &value, sizeof(value));
}

bool Client::Send(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = tls_ == nullptr
                             ? send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL)
                             : SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()));
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

void Client::CloseSending() {
  if (tls_ != nullptr) {
    SSL_shutdown(tls_.get());
  } else {
    shutdown(fd(), SHUT_WR);
  }
}

void Client::CloseWithReset() {
  AbortOnClose(socket_.get());
  socket_.Reset();
}

void Client::SetReceiveBuffer(int bytes) {
  setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
}

bool Client::Receive() {
  char buffer[16 * 1024];
  const ssize_t count = tls_ == nullptr ? recv(fd(), buffer, sizeof(buffer), 0)
                                        : SSL_read(tls_.get(), buffer, sizeof(buffer));
  if (count <= 0) return false;
  received_.append(buffer, static_cast<size_t>(count));
  return true;
}

std::string Client::ReadUntil(absl::string_view end) {
  size_t at = received_.find(end.data(), 0, end.size());
  while (at == std::string::npos && Receive()) at = received_.find(end.data(), 0, end.size());
  return ReadBytes(at == std::string::npos ? received_.size() : at + end.size());
}

std::string Client::ReadBytes(size_t count) {
  while (received_.size() < count && Receive()) {
  }
  std::string bytes = received_.substr(0, count);
  received_.erase(0, bytes.size());
  return bytes;
}

std::string Client::ReadToEnd() {
  while (Receive()) {
  }
  return std::exchange(received_, "");
}

bool Client::AtEnd() {
  if (!received_.empty()) return false;
  char byte;
  const ssize_t count = recv(socket_.get(), &byte, 1, MSG_PEEK);
  return count == 0 || (count < 0 && errno == ECONNRESET);
}

bool Client::SilentFor(absl::Duration time) {
  SetTimeout(time);
  char byte;
  const ssize_t count = recv(socket_.get(), &byte, 1, MSG_PEEK);
  const bool silent = received_.empty() && count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  SetTimeout(kPatience);
  return silent;
}

Answer ParseAnswerHead(absl::string_view head) {
  Answer answer;
  const std::vector<absl::string_view> lines = absl::StrSplit(head, "\r\n", absl::SkipEmpty());
  if (lines.empty() ||
      !absl::SimpleAtoi(lines[0].substr(std::min<size_t>(9, lines[0].size()), 3), &answer.status)) {
    return answer;
  }
  for (size_t i = 1; i < lines.size(); ++i) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(lines[i], absl::MaxSplits(':', 1));
    answer.headers[absl::AsciiStrToLower(parts.first)] =
        std::string(absl::StripAsciiWhitespace(parts.second));
  }
  return answer;
}

Answer Client::ReadAnswer(bool is_head) {
  Answer answer = ParseAnswerHead(ReadUntil("\r\n\r\n"));
  const auto length = answer.headers.find("content-length");
  size_t size = 0;
  if (is_head || answer.status == 101 || answer.status == 204) return answer;
  if (length == answer.headers.end()) {
    answer.body = ReadToEnd();
  } else if (absl::SimpleAtoi(length->second, &size)) {
    answer.body = ReadBytes(size);
  }
  return answer;
}

std::string HttpRequest(absl::string_view method, absl::string_view target,
                        absl::string_view headers) {
  return absl::StrCat(method, " ", target, " HTTP/1.1\r\nHost: test\r\n", headers, "\r\n");
}

absl::optional<uint16_t> Frame::code() const {
  if (payload.size() < 2) return absl::nullopt;
  return static_cast<uint16_t>(BigEndian(absl::string_view(payload).substr(0, 2)));
}

std::string UpgradeRequest(absl::string_view target, absl::string_view headers) {
  return HttpRequest("GET", target,
                     absl::StrCat("Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
                                  "Sec-WebSocket-Version: 13\r\n"
                                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
                                  headers));
}

std::string MaskedFrame(int opcode, absl::string_view payload, bool is_final) {
  std::string frame(1, static_cast<char>((is_final ? 0x80 : 0) | opcode));
  if (payload.size() < 126) {
    frame.push_back(static_cast<char>(0x80 | payload.size()));
  } else {
    const bool is_short = payload.size() <= 0xffff;
    frame.push_back(static_cast<char>(0x80 | (is_short ? 126 : 127)));
    for (int shift = is_short ? 8 : 56; shift >= 0; shift -= 8) {
      frame.push_back(static_cast<char>(payload.size() >> shift & 0xff));
    }
  }
  frame.append(kMask, sizeof(kMask));
  for (size_t i = 0; i < payload.size(); ++i) {
    frame.push_back(static_cast<char>(payload[i] ^ kMask[i % sizeof(kMask)]));
  }
  return frame;
}

Answer WebSocketClient::Upgrade(absl::string_view target, absl::string_view headers) {
  Send(UpgradeRequest(target, headers));
  return ReadAnswer();
}

void WebSocketClient::SendFrame(int opcode, absl::string_view payload, bool is_final) {
  Send(MaskedFrame(opcode, payload, is_final));
}

void WebSocketClient::SendCloseFrame(uint16_t code, absl::string_view text) {
  const std::string bytes = {static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
  SendFrame(kCloseOpcode, absl::StrCat(bytes, text));
}

Frame WebSocketClient::ReadFrame() {
  Frame frame;
  const std::string start = ReadBytes(2);
  if (start.size() < 2) return frame;
  size_t size = static_cast<uint8_t>(start[1]);
  if (size == 126) size = BigEndian(ReadBytes(2));
  if (size == 127) size = BigEndian(ReadBytes(8));
  frame.opcode = start[0] & 0xf;
  frame.payload = ReadBytes(size);
  return frame;
}

}  // namespace livecounter::gateway::net
