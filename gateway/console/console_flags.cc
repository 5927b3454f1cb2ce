#include "gateway/console/console_flags.h"

#include <string>
#include <utility>

#include "absl/flags/flag.h"
#include "gateway/console/edge_origin.h"
#include "gateway/gateway_flags.h"
#include "gateway/limit_flags.h"

ABSL_FLAG(livecounter::runtime::ListenAddress, console_listen,
          (livecounter::runtime::ListenAddress{"127.0.0.1", 8081}),
          "Where the console is: the dashboard, and the services in JSON over HTTP.");

ABSL_FLAG(std::string, public_url, "",
          "Where browsers reach the gateways: what the dashboard's snippets name, and its previews "
          "connect "
          "to. With nothing it is the console's own host, with the port of --http_listen.");

namespace livecounter::gateway::console {

runtime::FlagSpec ConsoleListenFlag() { return runtime::OwnFlag(FLAGS_console_listen); }

runtime::FlagSpec PublicUrlFlag() {
  return runtime::OwnFlag(FLAGS_public_url,
                          {.takes = "https://live.example.com, without a path, or nothing",
                           .valid = [](const std::string& url) { return IsPublicUrl(url); }});
}

absl::StatusOr<std::unique_ptr<Console>> StartConsoleFromFlags(
    std::shared_ptr<grpc::Channel> counterd, absl::string_view http_address,
    const observability::Logger& logger, Console::Metrics metrics) {
  Console::Options options;
  options.listen = absl::GetFlag(FLAGS_console_listen);
  if (!options.listen.enabled()) return nullptr;
  options.tls = GatewayOptionsFromFlags().tls;
  options.trusted_proxies = ClientLimitsFromFlags().trusted_proxies;
  options.public_url = absl::GetFlag(FLAGS_public_url);
  const absl::StatusOr<runtime::ListenAddress> http = runtime::ParseListenAddress(http_address);
  if (!http.ok()) return http.status();
  options.http_port = http->port;
  return Console::Start(options, std::move(counterd), logger, metrics);
}

}  // namespace livecounter::gateway::console
