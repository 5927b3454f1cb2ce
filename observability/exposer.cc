#include "observability/exposer.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "civetweb.h"
#include "prometheus/registry.h"
#include "prometheus/text_serializer.h"

namespace livecounter::observability {
namespace {

constexpr char kPlainText[] = "text/plain; charset=utf-8";
constexpr char kPrometheusText[] = "text/plain; version=0.0.4; charset=utf-8";

// civetweb takes numbers only, and of those, as Debian builds it, IPv4 only.
absl::StatusOr<std::string> NumericHost(const std::string& host) {
  addrinfo hints = {};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  int error = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  std::array<char, NI_MAXHOST> numeric = {};
  if (error == 0) {
    error = getnameinfo(found->ai_addr, found->ai_addrlen, numeric.data(), numeric.size(), nullptr,
                        0, NI_NUMERICHOST);
    freeaddrinfo(found);
  }
  if (error != 0) {
    return absl::UnavailableError(absl::StrCat("no IPv4 address for the metrics port is known for ",
                                               host, ": ", gai_strerror(error)));
  }
  return std::string(numeric.data());
}

sockaddr_in SocketAddress(const std::string& numeric_host, int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  inet_pton(AF_INET, numeric_host.c_str(), &address.sin_addr);
  return address;
}

// Why this address cannot be listened on; civetweb does not say.
std::string BindError(const std::string& numeric_host, int port) {
  const sockaddr_in address = SocketAddress(numeric_host, port);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int one = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
  const bool bound =
      fd >= 0 && bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  const int error = errno;
  if (fd >= 0) close(fd);
  return bound ? "civetweb did not start" : std::generic_category().message(error);
}

void ConnectOnce(const std::string& numeric_host, int port) {
  const sockaddr_in address = SocketAddress(numeric_host, port);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  // Whether it succeeds does not matter: the attempt is what wakes the other side.
  static_cast<void>(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)));
  close(fd);
}

// civetweb sees that it shall stop when its accept loop wakes: after up to two seconds, or at the
// next connection, so there is one.
void StopAtOnce(mg_context* server, const std::string& numeric_host, int port) {
  absl::Notification stopped;
  std::thread waker([&] {
    do {
      ConnectOnce(numeric_host, port);
    } while (!stopped.WaitForNotificationWithTimeout(absl::Milliseconds(10)));
  });
  mg_stop(server);
  stopped.Notify();
  waker.join();
}

}  // namespace

struct Exposer::Response {
  int status = 200;
  const char* content_type = kPlainText;
  std::string body;
  const char* extra_headers = "";

  static Response OfProbe(const absl::Status& status) {
    if (status.ok()) return {.body = "ok\n"};
    return {.status = 503, .body = absl::StrCat(status.message(), "\n")};
  }
};

Exposer::Response Exposer::Respond(absl::string_view method, absl::string_view path) {
  if (method != "GET" && method != "HEAD") {
    return {.status = 405, .body = "use GET or HEAD\n", .extra_headers = "Allow: GET, HEAD\r\n"};
  }
  if (path == "/healthz") return Response::OfProbe(options_.alive());
  if (path == "/readyz") return Response::OfProbe(options_.ready());
  if (path == "/metrics") return {.content_type = kPrometheusText, .body = Scrape()};
  return {.status = 404, .body = "here are /metrics, /healthz and /readyz\n"};
}

std::string Exposer::Scrape() {
  absl::MutexLock lock(&scrape_mutex_);
  options_.before_scrape();
  return prometheus::TextSerializer().Serialize(options_.registry->Collect());
}

// A non-zero answer means that it was served.
int Exposer::HandleRequest(mg_connection* connection) {
  const mg_request_info* request = mg_get_request_info(connection);
  auto* const exposer = static_cast<Exposer*>(request->user_data);
  const absl::string_view method = request->request_method;
  const Response response = exposer->Respond(method, request->local_uri);
  const std::string head = absl::StrCat(
      "HTTP/1.1 ", response.status, " ", mg_get_response_code_text(connection, response.status),
      "\r\nContent-Type: ", response.content_type, "\r\nContent-Length: ", response.body.size(),
      "\r\nCache-Control: no-store\r\nConnection: close\r\n", response.extra_headers, "\r\n");
  mg_write(connection, head.data(), head.size());
  if (method != "HEAD") mg_write(connection, response.body.data(), response.body.size());
  return 1;
}

absl::StatusOr<std::unique_ptr<Exposer>> Exposer::Start(Options options) {
  absl::StatusOr<std::string> host = NumericHost(options.host);
  if (!host.ok()) return host.status();
  const std::string listen = absl::StrCat(*host, ":", options.port);
  // Few threads, short requests: a client that dawdles must not keep a probe waiting for long.
  const std::array<const char*, 9> config = {
      "listening_ports",   listen.c_str(), "num_threads", "4", "request_timeout_ms", "5000",
      "enable_keep_alive", "no",           nullptr};
  std::unique_ptr<Exposer> exposer(new Exposer(std::move(options)));
  exposer->numeric_host_ = *host;
  mg_callbacks callbacks = {};
  callbacks.begin_request = HandleRequest;
  callbacks.log_message = [](const mg_connection*, const char*) { return 1; };
  mg_init_data init = {&callbacks, exposer.get(), const_cast<const char**>(config.data())};
  mg_init_library(MG_FEATURES_DEFAULT);
  exposer->server_ = mg_start2(&init, nullptr);
  if (exposer->server_ == nullptr) {
    return absl::UnavailableError(absl::StrCat(
        "cannot listen on ", listen, " for metrics: ", BindError(*host, exposer->options_.port)));
  }
  mg_server_port bound = {};
  mg_get_server_ports(exposer->server_, 1, &bound);
  exposer->port_ = bound.port;
  return exposer;
}

Exposer::~Exposer() {
  if (server_ != nullptr) StopAtOnce(server_, numeric_host_, port_);
  mg_exit_library();
}

std::string Exposer::address() const { return absl::StrCat(options_.host, ":", port_); }

}  // namespace livecounter::observability
