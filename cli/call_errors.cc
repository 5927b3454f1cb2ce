#include "cli/call_errors.h"

#include "absl/strings/str_cat.h"
#include "cli/text.h"
#include "cli/times.h"

namespace livecounter::cli {
namespace {

// Without what gRPC says around it: "Connection refused".
absl::string_view Reason(absl::string_view said) {
  constexpr absl::string_view kBefore = "Failed to connect to remote host: ";
  const size_t found = said.rfind(kBefore);
  return found == absl::string_view::npos ? said : said.substr(found + kBefore.size());
}

std::string Unreachable(const CallSite& site, absl::string_view said) {
  return absl::StrCat(
      "cannot reach ", site.server, ": ", Reason(said),
      "\nIs it running, and does it listen for gRPC there? --server=HOST:PORT names another; ",
      site.tls ? "this call speaks TLS, which the server must too."
               : "a server with TLS wants --tls or --tls_ca=FILE.");
}

// The code's name where the server said nothing.
absl::Status AsSaid(absl::StatusCode code, const std::string& said) {
  return absl::Status(code, said.empty() ? absl::StatusCodeToString(code) : said);
}

}  // namespace

absl::Status ExplainCall(const absl::Status& status, const CallSite& site) {
  if (status.ok()) return status;
  const std::string said = Printable(status.message());
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
      if (site.answered) return AsSaid(status.code(), said);
      return absl::UnavailableError(Unreachable(site, said));
    case absl::StatusCode::kDeadlineExceeded:
      return absl::DeadlineExceededError(
          absl::StrCat("no answer from ", site.server, " within ", ShortDuration(site.timeout),
                       "; what was asked for may have happened or not\n--timeout=DURATION waits "
                       "longer."));
    case absl::StatusCode::kUnauthenticated:
      if (!site.with_token) return absl::UnauthenticatedError(said);
      return absl::UnauthenticatedError(absl::StrCat(
          said,
          "\nIf it is the token that is wrong, or its session has ended: operators give "
          "--token_file=FILE, customers run: livecounterctl signin EMAIL"));
    case absl::StatusCode::kPermissionDenied:
      return absl::PermissionDeniedError(
          absl::StrCat(said, "\n`livecounterctl whoami` shows whom you speak for."));
    case absl::StatusCode::kUnimplemented:
      return absl::UnimplementedError(
          absl::StrCat(said.empty() ? "the server does not know this call" : said,
                       "\nThe server at ", site.server,
                       " is older than this program, or is no "
                       "Live Counter."));
    default:
      return AsSaid(status.code(), said);
  }
}

}  // namespace livecounter::cli
