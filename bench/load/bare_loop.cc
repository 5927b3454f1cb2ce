// bare-loop PORT: the least that fan-out can cost, to compare servers with. One epoll loop on 127.0.0.1;
// `GET /CHANNEL` opens a WebSocket or, without `Upgrade`, an event stream; `POST /CHANNEL` sends its body to
// all of them with one send() each, of a frame that is encoded once. CHANNEL is `c` and a number. Who does
// not take a frame whole misses it. It trusts its clients, who must be livecounter-load.

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace livecounter::bench {
namespace {

constexpr int kNone = -1;

// What RFC 6455 wants in Sec-WebSocket-Accept.
std::string AcceptKey(absl::string_view key) {
  const std::string text = absl::StrCat(key, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  return absl::Base64Escape(absl::string_view(reinterpret_cast<const char*>(digest.data()), size));
}

// The value of a header; empty when there is none.
absl::string_view Header(absl::string_view request, absl::string_view name) {
  for (const absl::string_view line : absl::StrSplit(request, "\r\n")) {
    if (line.size() > name.size() + 2 && line[name.size()] == ':' &&
        absl::StartsWithIgnoreCase(line, name)) {
      return line.substr(name.size() + 2);
    }
  }
  return "";
}

void Send(int fd, absl::string_view bytes) {
  send(fd, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

class BareLoop {
 public:
  explicit BareLoop(int listener) : listener_(listener), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    Watch(listener_);
  }

  [[noreturn]] void Run() {
    std::array<epoll_event, 256> events;
    while (true) {
      const int count =
          epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), /*timeout=*/-1);
      for (int i = 0; i < count; ++i) {
        if (events[i].data.fd == listener_) {
          Accept();
        } else {
          Receive(events[i].data.fd);
        }
      }
    }
  }

 private:
  struct Channel {
    std::vector<int> sockets;
    std::vector<int> event_streams;
  };

  void Watch(int fd) const {
    epoll_event interest = {.events = EPOLLIN, .data = {.fd = fd}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &interest);
  }

  void Accept() {
    while (true) {
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) return;
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
      const auto size = static_cast<size_t>(fd) + 1;
      if (channel_of_.size() < size) channel_of_.resize(size, kNone);
      Watch(fd);
    }
  }

  void Receive(int fd) {
    std::array<char, 4096> buffer;
    const ssize_t size = recv(fd, buffer.data(), buffer.size(), 0);
    if (size <= 0) {
      Leave(fd);
      close(fd);
    } else if (channel_of_[fd] == kNone) {
      OnRequests(fd, {buffer.data(), static_cast<size_t>(size)});
    }
  }

  // Requests come whole: they are small, and the client is on this machine.
  void OnRequests(int fd, absl::string_view requests) {
    while (!requests.empty()) {
      size_t body = 0;
      static_cast<void>(absl::SimpleAtoi(Header(requests, "Content-Length"), &body));
      const size_t head = requests.find("\r\n\r\n");
      if (head == absl::string_view::npos) return;
      OnRequest(fd, requests.substr(0, head + 4 + body));
      requests.remove_prefix(std::min(requests.size(), head + 4 + body));
    }
  }

  void OnRequest(int fd, absl::string_view request) {
    const std::vector<absl::string_view> words = absl::StrSplit(request, absl::MaxSplits(' ', 2));
    int number = 0;
    if (words.size() < 3 || !absl::SimpleAtoi(absl::StripPrefix(words[1], "/c"), &number) ||
        number < 0) {
      Send(fd, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    if (channels_.size() <= static_cast<size_t>(number)) channels_.resize(number + 1);
    if (words[0] == "POST") {
      Publish(channels_[number], request.substr(request.find("\r\n\r\n") + 4));
      Send(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    channel_of_[fd] = number;
    const absl::string_view key = Header(request, "Sec-WebSocket-Key");
    if (key.empty()) {
      channels_[number].event_streams.push_back(fd);
      Send(fd, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
    } else {
      channels_[number].sockets.push_back(fd);
      Send(fd, absl::StrCat("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                            "Upgrade: websocket\r\nSec-WebSocket-Accept: ",
                            AcceptKey(key), "\r\n\r\n"));
    }
  }

  static void Publish(const Channel& channel, absl::string_view number) {
    const std::string frame =
        absl::StrCat("\x81", std::string(1, static_cast<char>(number.size())), number);
    const std::string event = absl::StrCat("data: ", number, "\n\n");
    for (const int fd : channel.sockets) Send(fd, frame);
    for (const int fd : channel.event_streams) Send(fd, event);
  }

  void Leave(int fd) {
    if (channel_of_[fd] == kNone) return;
    Channel& channel = channels_[channel_of_[fd]];
    std::erase(channel.sockets, fd);
    std::erase(channel.event_streams, fd);
    channel_of_[fd] = kNone;
  }

  const int listener_;
  const int epoll_;
  std::vector<Channel> channels_;
  std::vector<int> channel_of_;  // by descriptor
};

int Main(const char* port_text) {
  int port = 0;
  if (!absl::SimpleAtoi(port_text, &port) || port < 1 || port > 65535) {
    fprintf(stderr, "bare-loop: \"%s\" is no port\n", port_text);
    return 2;
  }
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      listen(listener, 4096) != 0) {
    perror("bare-loop: cannot listen");
    return 1;
  }
  BareLoop(listener).Run();
}

}  // namespace
}  // namespace livecounter::bench

int main(int argc, char** argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: bare-loop PORT\n");
    return 2;
  }
  return livecounter::bench::Main(argv[1]);
}
