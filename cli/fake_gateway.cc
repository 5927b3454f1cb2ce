#include "cli/fake_gateway.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace livecounter::cli {
namespace {

void Send(int client, const std::string& text) {
  send(client, text.data(), text.size(), MSG_NOSIGNAL);
}

std::string Whole(absl::string_view status, absl::string_view body) {
  return absl::StrCat("HTTP/1.1 ", status, "\r\nContent-Length: ", body.size(),
                      "\r\nConnection: close\r\n\r\n", body);
}

std::string ReadHead(int client) {
  std::string head;
  std::array<char, 1024> buffer;
  while (!absl::StrContains(head, "\r\n\r\n")) {
    const ssize_t size = recv(client, buffer.data(), buffer.size(), 0);
    if (size <= 0) break;
    head.append(buffer.data(), static_cast<size_t>(size));
  }
  return head;
}

}  // namespace

FakeGateway::FakeGateway() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_, generic, size) != 0 || listen(listener_, 16) != 0 ||
      getsockname(listener_, generic, &size) != 0) {
    std::abort();
  }
  address_ = absl::StrCat("127.0.0.1:", ntohs(address.sin_port));
  thread_ = std::thread([this] { Serve(); });
}

FakeGateway::~FakeGateway() {
  shutdown(listener_, SHUT_RDWR);
  thread_.join();
  close(listener_);
  for (const auto& [page, streams] : streams_) {
    for (const int stream : streams) close(stream);
  }
}

std::vector<std::string> FakeGateway::targets() const {
  absl::MutexLock lock(&mutex_);
  return targets_;
}

void FakeGateway::Serve() {
  int client = -1;
  while ((client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0) Answer(client);
}

void FakeGateway::Answer(int client) {
  const std::string head = ReadHead(client);
  const std::vector<std::string> words = absl::StrSplit(head, absl::MaxSplits(' ', 2));
  const std::string target = words.size() > 1 ? words[1] : "";
  {
    absl::MutexLock lock(&mutex_);
    targets_.push_back(target);
  }
  if (absl::StartsWith(target, "/sub?")) {
    if (refusals_-- <= 0) return OpenStream(target.substr(0, target.find('&')), client);
    Send(client, Whole("401 Unauthorized", "unknown key"));
  } else if (target == "/healthz" || ready_) {
    Send(client, Whole("200 OK", "ok\n"));
  } else {
    Send(client, Whole("503 Service Unavailable", "draining\n"));
  }
  close(client);
}

void FakeGateway::OpenStream(const std::string& page, int client) {
  Send(client,
       "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: padding\nretry: 1000\n\n");
  std::vector<int>& streams = streams_[page];
  streams.push_back(client);
  for (const int stream : streams) {
    Send(stream, absl::StrCat("event: message\nid: 1-1\ndata: ", streams.size(), "\n\n"));
  }
}

}  // namespace livecounter::cli
