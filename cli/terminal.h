// The user's terminal, as far as commands need to know of it.

#ifndef LIVECOUNTER_CLI_TERMINAL_H_
#define LIVECOUNTER_CLI_TERMINAL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace livecounter::cli {

struct TerminalSize {
  int columns = 80;
  int rows = 24;
};

// Used by the main thread.
class Terminal {
 public:
  virtual ~Terminal() = default;

  // Somebody is there to answer questions: standard input is a terminal.
  virtual bool CanAsk() const = 0;
  // Standard output is a terminal that can be redrawn: lines may be replaced by newer ones.
  virtual bool CanRedraw() const = 0;
  virtual TerminalSize Size() const = 0;

  // Asks on the terminal itself, whatever standard output is, and reads a line that is not shown.
  // Cancelled after Ctrl-C; FailedPrecondition where there is no terminal.
  virtual absl::StatusOr<std::string> ReadHidden(absl::string_view prompt) = 0;
};

// The terminal of this process. Nothing is redrawn on TERM=dumb.
class ProcessTerminal final : public Terminal {
 public:
  bool CanAsk() const override;
  bool CanRedraw() const override;
  TerminalSize Size() const override;
  absl::StatusOr<std::string> ReadHidden(absl::string_view prompt) override;
};

}  // namespace livecounter::cli

#endif  // LIVECOUNTER_CLI_TERMINAL_H_
