#include "cli/terminal.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"

namespace livecounter::cli {
namespace {

constexpr char kInterrupt = '\x03';
constexpr size_t kLongestLine = 4096;

void WriteAll(int fd, absl::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<size_t>(written));
  }
}

// Up to the end of the line, Ctrl-C or Ctrl-D, which is kept.
std::string ReadLine(int fd) {
  std::string line;
  char c = 0;
  while (line.size() < kLongestLine) {
    const ssize_t got = read(fd, &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    line.push_back(c);
    if (c == '\n' || c == kInterrupt) break;
  }
  return line;
}

}  // namespace

bool ProcessTerminal::CanAsk() const { return isatty(STDIN_FILENO) == 1; }

bool ProcessTerminal::CanRedraw() const {
  const char* const kind = std::getenv("TERM");
  return isatty(STDOUT_FILENO) == 1 && kind != nullptr && absl::string_view(kind) != "dumb";
}

TerminalSize ProcessTerminal::Size() const {
  winsize size = {};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) {
    return {};
  }
  return {size.ws_col, size.ws_row};
}

absl::StatusOr<std::string> ProcessTerminal::ReadHidden(absl::string_view prompt) {
  const int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
  if (fd < 0) return absl::FailedPreconditionError("there is no terminal to ask on");
  const absl::Cleanup closer = [fd] { close(fd); };
  termios before = {};
  if (tcgetattr(fd, &before) != 0) {
    return absl::FailedPreconditionError("there is no terminal to ask on");
  }
  // Ctrl-C ends the line instead of the process, which would leave the terminal without an echo.
  termios hidden = before;
  hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
  hidden.c_cc[VEOL] = kInterrupt;
  tcsetattr(fd, TCSAFLUSH, &hidden);
  const absl::Cleanup restore = [fd, &before] { tcsetattr(fd, TCSAFLUSH, &before); };
  WriteAll(fd, prompt);
  std::string line = ReadLine(fd);
  WriteAll(fd, "\n");
  if (line.empty() || line.back() != '\n') return absl::CancelledError("nothing was entered");
  line.pop_back();
  return line;
}

}  // namespace livecounter::cli
