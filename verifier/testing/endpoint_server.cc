#include "verifier/testing/endpoint_server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"

namespace livecounter::verifier {
namespace {

constexpr int kBacklog = 1024;

struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

ssl_ctx_st* MakeTls(const EndpointServer::Options& options) {
  SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
  if (SSL_CTX_use_certificate_chain_file(context, options.certificate.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, options.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    std::abort();
  }
  return context;
}

}  // namespace

// The bytes of one connection, in TLS or not.
class ServerConnection {
 public:
  ServerConnection(EndpointServer& server, int socket, ssl_ctx_st* tls)
      : server_(server), socket_(socket) {
    if (tls == nullptr) return;
    ssl_.reset(SSL_new(tls));
    SSL_set_fd(ssl_.get(), socket);
    good_ = SSL_accept(ssl_.get()) == 1;
  }

  bool good() const { return good_; }
  // Appends what comes; false at the end.
  bool ReadMore(std::string* text) {
    char buffer[4096];
    const auto size = ssl_ ? SSL_read(ssl_.get(), buffer, sizeof(buffer))
                           : static_cast<int>(recv(socket_, buffer, sizeof(buffer), 0));
    if (size > 0) text->append(buffer, static_cast<size_t>(size));
    return size > 0;
  }
  bool Write(absl::string_view text) {
    while (!text.empty()) {
      const auto size =
          ssl_ ? SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size()))
               : static_cast<int>(send(socket_, text.data(), text.size(), MSG_NOSIGNAL));
      if (size <= 0) return false;
      text.remove_prefix(static_cast<size_t>(size));
    }
    return true;
  }
  // The peer sees a reset, not an end.
  void Reset() {
    const linger now = {.l_onoff = 1, .l_linger = 0};
    setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  }

  // False at the end of the connection. What follows the request stays in `*rest`.
  bool ReadRequest(std::string* rest, ServerRequest* request) {
    size_t end = std::string::npos;
    while ((end = rest->find("\r\n\r\n")) == std::string::npos) {
      if (!ReadMore(rest)) return false;
    }
    const std::vector<std::string> lines = absl::StrSplit(rest->substr(0, end), "\r\n");
    const std::vector<std::string> words = absl::StrSplit(lines[0], ' ');
    request->method = words[0];
    request->path = words.size() > 1 ? words[1] : "";
    for (size_t i = 1; i < lines.size(); ++i) {
      const std::pair<std::string, std::string> header =
          absl::StrSplit(lines[i], absl::MaxSplits(": ", 1));
      request->headers[absl::AsciiStrToLower(header.first)] = header.second;
    }
    size_t length = 0;
    const bool has_length = absl::SimpleAtoi(request->headers["content-length"], &length);
    rest->erase(0, end + 4);
    while (has_length && rest->size() < length) {
      if (!ReadMore(rest)) return false;
    }
    request->body = rest->substr(0, length);
    rest->erase(0, length);
    return true;
  }

  // False where the connection is not to be used any more.
  bool Send(const ServerReply& reply) {
    if (reply.hang) {
      return !server_.StopsWithin(absl::InfiniteDuration());
    }
    if (reply.delay > absl::ZeroDuration()) server_.StopsWithin(reply.delay);
    if (reply.reset) {
      Reset();
      return false;
    }
    const std::string text =
        !reply.raw.empty()
            ? reply.raw
            : absl::StrCat("HTTP/1.1 ", reply.status, " Whatever\r\n", reply.headers,
                           "Content-Length: ", reply.body.size(), "\r\n\r\n", reply.body);
    if (reply.dribble == absl::ZeroDuration()) return Write(text) && reply.raw.empty();
    for (const char byte : text) {
      if (!Write(absl::string_view(&byte, 1))) return false;
      if (server_.StopsWithin(reply.dribble)) return false;
    }
    return reply.raw.empty();
  }

 private:
  EndpointServer& server_;
  const int socket_;
  std::unique_ptr<SSL, FreeSsl> ssl_;
  bool good_ = true;
};

EndpointServer::EndpointServer(const Options& options, Handler handler)
    : options_(options),
      handler_(std::move(handler)),
      tls_(options.key.empty() ? nullptr : MakeTls(options)) {
  listener_ = socket(options.ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in v4 = {};
  v4.sin_family = AF_INET;
  v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr_in6 v6 = {};
  v6.sin6_family = AF_INET6;
  v6.sin6_addr = in6addr_loopback;
  socklen_t size = options.ipv6 ? sizeof(v6) : sizeof(v4);
  auto* const any =
      options.ipv6 ? reinterpret_cast<sockaddr*>(&v6) : reinterpret_cast<sockaddr*>(&v4);
  if (bind(listener_, any, size) != 0 || listen(listener_, kBacklog) != 0 ||
      getsockname(listener_, any, &size) != 0) {
    std::abort();
  }
  port_ = ntohs(options.ipv6 ? v6.sin6_port : v4.sin_port);
  acceptor_ = std::thread([this] { Accept(); });
}

EndpointServer::~EndpointServer() {
  {
    absl::MutexLock lock(&stop_mutex_);
    stopping_ = true;
    stop_.SignalAll();
  }
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  close(listener_);
  std::vector<std::thread> threads;
  {
    absl::MutexLock lock(&mutex_);
    for (const int socket : open_) shutdown(socket, SHUT_RDWR);
    threads.swap(threads_);
  }
  for (std::thread& thread : threads) thread.join();
  SSL_CTX_free(tls_);
}

std::string EndpointServer::Uri(const std::string& host) const {
  const absl::string_view own = options_.ipv6 ? "[::1]" : "127.0.0.1";
  return absl::StrCat(tls_ == nullptr ? "http://" : "https://", host.empty() ? own : host, ":",
                      port_, "/verify");
}

void EndpointServer::Accept() {
  while (true) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) {
      if (StopsWithin(absl::ZeroDuration())) return;
      continue;
    }
    ++connections_;
    absl::MutexLock lock(&mutex_);
    open_.insert(socket);
    threads_.emplace_back([this, socket] { Serve(socket); });
  }
}

void EndpointServer::Serve(int socket) {
  sigset_t set;  // OpenSSL writes to clients that are gone
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (options_.handshake_delay > absl::ZeroDuration()) StopsWithin(options_.handshake_delay);
  {
    ServerConnection connection(*this, socket, tls_);
    std::string rest;
    ServerRequest request;
    bool goes_on = connection.good();
    while (goes_on && connection.ReadRequest(&rest, &request)) {
      goes_on = connection.Send(Handle(request));
      Answered();
      request = {};
    }
  }
  absl::MutexLock lock(&mutex_);
  open_.erase(socket);
  close(socket);
}

bool EndpointServer::StopsWithin(absl::Duration wait) {
  const absl::Time deadline = absl::Now() + wait;
  absl::MutexLock lock(&stop_mutex_);
  while (!stopping_) {
    if (stop_.WaitWithDeadline(&stop_mutex_, deadline)) break;
  }
  return stopping_;
}

ServerReply EndpointServer::Handle(const ServerRequest& request) {
  ++requests_;
  const int unanswered = ++unanswered_;
  int peak = peak_;
  while (unanswered > peak && !peak_.compare_exchange_weak(peak, unanswered)) {
  }
  return handler_(request);
}

EndpointServer::Handler GoodCustomer(const std::string& key, absl::Duration delay) {
  return [key, delay](const ServerRequest& request) {
    const bool refused = absl::StrContains(request.body, "{\"pId\":\"w-invalid\"}") ||
                         absl::StartsWith(request.body, "{\"pId\":\"bad");
    return ServerReply{.status = refused ? 401 : 200, .body = key, .delay = delay};
  };
}

}  // namespace livecounter::verifier
