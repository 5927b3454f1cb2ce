#include "cli/secrets.h"

#include <istream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "cli/command.h"
#include "services/runtime/files.h"

namespace livecounter::cli {
namespace {

constexpr size_t kMaxSecretFileBytes = 4096;

absl::StatusOr<std::string> FirstLine(const SecretSource& source, absl::string_view text) {
  const std::pair<absl::string_view, absl::string_view> lines =
      absl::StrSplit(text, absl::MaxSplits('\n', 1));
  const absl::string_view line = absl::StripSuffix(lines.first, "\r");
  if (!line.empty()) return std::string(line);
  return UsageError(absl::StrCat("--", source.flag, ": ",
                                 source.file == "-" ? "standard input" : source.file,
                                 " holds nothing; the secret is one line"));
}

absl::StatusOr<std::string> ReadInput(const SecretSource& source, std::istream& in) {
  std::string line;
  std::getline(in, line);
  return FirstLine(source, line);
}

absl::StatusOr<std::string> ReadFile(const SecretSource& source) {
  absl::StatusOr<std::string> text = runtime::ReadSmallFile(source.file, kMaxSecretFileBytes);
  if (!text.ok()) {
    return UsageError(absl::StrCat("--", source.flag, ": ", text.status().message()));
  }
  return FirstLine(source, *text);
}

absl::StatusOr<std::string> Ask(const SecretSource& source, Terminal& terminal) {
  if (!terminal.CanAsk()) {
    return UsageError(absl::StrCat("there is no terminal to ask on: give --", source.flag,
                                   "=FILE, or --", source.flag, "=- for standard input"));
  }
  absl::StatusOr<std::string> secret = terminal.ReadHidden(absl::StrCat(source.prompt, ": "));
  if (!secret.ok() || !source.twice) return secret;
  absl::StatusOr<std::string> again =
      terminal.ReadHidden(absl::StrCat(source.prompt, " once more: "));
  if (!again.ok()) return again;
  if (*secret == *again) return secret;
  return UsageError("the two are not the same; nothing was done");
}

}  // namespace

absl::StatusOr<std::string> ReadSecret(const SecretSource& source, Host& host) {
  if (source.file.empty()) return Ask(source, host.terminal);
  return source.file == "-" ? ReadInput(source, host.in) : ReadFile(source);
}

}  // namespace livecounter::cli
