#include "gateway/gateway_flags.h"

#include <algorithm>
#include <cstdint>
#include <thread>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "gateway/limit_flags.h"
#include "gateway/net/socket_transport.h"
#include "services/runtime/flag_types.h"
#include "services/runtime/tls_files.h"

ABSL_FLAG(livecounter::runtime::ListenAddress, http_listen,
          (livecounter::runtime::ListenAddress{"127.0.0.1", 8080}),
          "Where clients connect: HTTP, event streams and WebSockets.");
ABSL_FLAG(int, threads, 0,
          "How many event loops serve clients, each on a thread; 0 for one a core.");
ABSL_FLAG(int64_t, max_connections, 18'000,
          "How many streams may be open. New ones above that are told to come back.");
ABSL_FLAG(
    absl::Duration, min_update_interval, absl::Milliseconds(100),
    "The least time between two updates of one counter on one stream; in between, only the "
    "newest value counts. A product may set another, below this one only where this is 100ms or "
    "less.");
ABSL_FLAG(std::string, public_product, "demo",
          "The API key of the product that /counters/ serves without a key, where there is such a "
          "product; nothing for none.");
ABSL_FLAG(absl::Duration, shared_cache_max_age, absl::Seconds(1),
          "For how long a cache between may serve a counter that was read: s-maxage, in whole "
          "seconds.");
ABSL_FLAG(int, drain_seconds, 20,
          "Over how long the streams are closed when the program is told to stop.");
ABSL_FLAG(
    std::string, tls_cert, "",
    "The certificate that clients, and the console's, are shown: with it, and --tls_key, they are "
    "served TLS and nothing else. Read again when the files change.");
ABSL_FLAG(std::string, tls_key, "", "The private key of --tls_cert.");

namespace livecounter::gateway {
namespace {

constexpr size_t kMaxKeyBytes = 64;
constexpr char kTlsCertTakes[] =
    "a PEM file with the certificate and those that lead to its root, with --tls_key, or nothing "
    "for no TLS";
constexpr char kTlsGoTogether[] = "; --tls_cert and --tls_key go together";
constexpr char kTlsKeyTakes[] =
    "a PEM file with the private key of --tls_cert, without a passphrase, or nothing for no TLS";

runtime::TlsFiles TlsFilesFromFlags() {
  return {.cert = absl::GetFlag(FLAGS_tls_cert), .key = absl::GetFlag(FLAGS_tls_key)};
}

// What a drain needs after the last close was sent: the clients' answers, the end of the session.
constexpr absl::Duration kEndOfDrain = absl::Seconds(10);

}  // namespace

runtime::FlagSpec HttpListenFlag() {
  return runtime::OwnFlag(
      FLAGS_http_listen,
      {.takes = "host:port or [IPv6]:port, with port 0 for any free one",
       .valid = [](const runtime::ListenAddress& address) { return address.enabled(); }});
}

runtime::FlagGroup GatewayFlags() {
  return {
      "Clients",
      {runtime::OwnFlag(FLAGS_threads,
                        {.takes = "0 to 64", .valid = [](int n) { return n >= 0 && n <= 64; }}),
       runtime::OwnFlag(FLAGS_max_connections,
                        {.takes = "1 or more", .valid = [](int64_t n) { return n >= 1; }}),
       runtime::OwnFlag(FLAGS_min_update_interval, {.takes = "a duration from 0 to 1m, as 100ms",
                                                    .valid =
                                                        [](absl::Duration d) {
                                                          return d >= absl::ZeroDuration() &&
                                                                 d <= absl::Minutes(1);
                                                        }}),
       runtime::OwnFlag(
           FLAGS_public_product,
           {.takes = "an API key of 1 to 64 bytes, or nothing",
            .valid = [](const std::string& key) { return key.size() <= kMaxKeyBytes; }}),
       runtime::OwnFlag(FLAGS_shared_cache_max_age, {.takes = "a duration from 0 to 24h, as 1s",
                                                     .valid =
                                                         [](absl::Duration d) {
                                                           return d >= absl::ZeroDuration() &&
                                                                  d <= absl::Hours(24);
                                                         }}),
       runtime::OwnFlag(FLAGS_tls_cert, {.takes = kTlsCertTakes}),
       runtime::OwnFlag(FLAGS_tls_key, {.takes = kTlsKeyTakes}),
       runtime::OwnFlag(FLAGS_drain_seconds, {.takes = "0 to 3600", .valid = [](int seconds) {
                                                return seconds >= 0 && seconds <= 3600;
                                              }})}};
}

absl::Status CheckTlsFlags() {
  const runtime::TlsFiles files = TlsFilesFromFlags();
  if (!files.enabled()) return absl::OkStatus();
  if (files.cert.empty()) {
    return runtime::BadFlag("tls_cert", absl::StrCat(kTlsCertTakes, kTlsGoTogether));
  }
  if (files.key.empty()) {
    return runtime::BadFlag("tls_key", absl::StrCat(kTlsKeyTakes, kTlsGoTogether));
  }
  absl::Status status = SocketTransport::CheckTls(files);
  if (status.ok()) return status;
  return runtime::BadFlag("tls_cert", absl::StrCat(kTlsCertTakes, "; ", status.message()));
}

Gateway::Options GatewayOptionsFromFlags() {
  const int threads = absl::GetFlag(FLAGS_threads);
  Gateway::Options options;
  options.listen = absl::GetFlag(FLAGS_http_listen);
  options.threads =
      threads > 0 ? threads : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  options.max_connections = absl::GetFlag(FLAGS_max_connections);
  options.limits = ClientLimitsFromFlags();
  options.drain = absl::Seconds(absl::GetFlag(FLAGS_drain_seconds));
  options.shared_max_age = absl::GetFlag(FLAGS_shared_cache_max_age);
  options.tls = TlsFilesFromFlags();
  return options;
}

CatalogClient::Options CatalogOptionsFromFlags(const std::string& token) {
  return {.token = token,
          .builder = {.public_key = absl::GetFlag(FLAGS_public_product),
                      .min_update_interval = absl::GetFlag(FLAGS_min_update_interval)}};
}

absl::Duration DrainLimitFromFlags() {
  return absl::Seconds(absl::GetFlag(FLAGS_drain_seconds)) + kEndOfDrain;
}

}  // namespace livecounter::gateway
