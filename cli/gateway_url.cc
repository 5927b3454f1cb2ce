#include "cli/gateway_url.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "cli/run.h"
#include "cli/text.h"

namespace livecounter::cli {
namespace {

constexpr char kDefaultUrl[] = "http://127.0.0.1:8080";
// Of a path, a query, userinfo, and of what would end an attribute of HTML.
constexpr absl::string_view kNotOfHosts = "/\\?#@\"'<>& \t\r\n";

}  // namespace

Flag GatewayUrlFlag() {
  return {.name = "url",
          .value_name = "URL",
          .default_text = kDefaultUrl,
          .meaning = "Where browsers reach the gateways; the context's where it has one."};
}

absl::StatusOr<std::string> CheckGatewayUrl(absl::string_view text) {
  const absl::string_view url = absl::StripSuffix(text, "/");
  absl::string_view host = url;
  const bool has_scheme =
      absl::ConsumePrefix(&host, "https://") || absl::ConsumePrefix(&host, "http://");
  if (has_scheme && !host.empty() && host.find_first_of(kNotOfHosts) == absl::string_view::npos) {
    return std::string(url);
  }
  return UsageError(absl::StrCat("--url got \"", Printable(text),
                                 "\"; it takes https://live.example.com, without a path"));
}

absl::StatusOr<std::string> GatewayUrl(const CommandRun& run) {
  if (run.Has("url")) return CheckGatewayUrl(run.Text("url"));
  return run.settings().url.empty() ? kDefaultUrl : run.settings().url;
}

}  // namespace livecounter::cli
