#include "observability/exposer.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "prometheus/registry.h"
#include "prometheus/text_serializer.h"

namespace livecounter::observability {
namespace {

constexpr char kPlainText[] = "text/plain; charset=utf-8";
constexpr char kPrometheusText[] = "text/plain; version=0.0.4; charset=utf-8";

std::string Address(const std::string& host, int port) {
  const bool is_v6 = absl::StrContains(host, ':');
  return is_v6 ? absl::StrCat("[", host, "]:", port) : absl::StrCat(host, ":", port);
}

}  // namespace

struct Exposer::Response {
  absl::string_view status = "200 OK";
  const char* content_type = kPlainText;
  std::string body;
  const char* extra_headers = "";

  static Response OfProbe(const absl::Status& status) {
    if (status.ok()) return {.body = "ok\n"};
    return {.status = "503 Service Unavailable", .body = absl::StrCat(status.message(), "\n")};
  }
};

Exposer::Response Exposer::Respond(absl::string_view method, absl::string_view path) const {
  if (method != "GET" && method != "HEAD") {
    return {.status = "405 Method Not Allowed",
            .body = "use GET or HEAD\n",
            .extra_headers = "Allow: GET, HEAD\r\n"};
  }
  if (path == "/healthz") return Response::OfProbe(options_.alive());
  if (path == "/readyz") return Response::OfProbe(options_.ready());
  if (path == "/metrics") return {.content_type = kPrometheusText, .body = Scrape()};
  return {.status = "404 Not Found", .body = "here are /metrics, /healthz and /readyz\n"};
}

std::string Exposer::Scrape() const {
  options_.before_scrape();
  return prometheus::TextSerializer().Serialize(options_.registry->Collect());
}

std::string Exposer::Answer(absl::string_view method, absl::string_view target) const {
  const Response response = Respond(method, target.substr(0, target.find('?')));
  return absl::StrCat("HTTP/1.1 ", response.status, "\r\nContent-Type: ", response.content_type,
                      "\r\nContent-Length: ", response.body.size(),
                      "\r\nCache-Control: no-store\r\nConnection: close\r\n",
                      response.extra_headers, "\r\n",
                      method == "HEAD" ? absl::string_view() : response.body);
}

absl::StatusOr<std::unique_ptr<Exposer>> Exposer::Start(Options options) {
  // Not make_unique: the constructor is private.
  std::unique_ptr<Exposer> exposer(new Exposer(std::move(options)));
  const std::string& host = exposer->options_.host;
  const int port = exposer->options_.port;
  auto server = PlainServer::Start(
      {.host = host, .port = port},
      [exposer = exposer.get()](absl::string_view method, absl::string_view target) {
        return exposer->Answer(method, target);
      });
  if (!server.ok()) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", Address(host, port),
                                               " for metrics: ", server.status().message()));
  }
  exposer->server_ = *std::move(server);
  return exposer;
}

Exposer::~Exposer() = default;

std::string Exposer::address() const { return Address(options_.host, port()); }

}  // namespace livecounter::observability
