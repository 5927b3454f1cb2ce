#include "cli/live_screen.h"

#include <algorithm>
#include <ostream>

namespace livecounter::cli {
namespace {

// xterm's control sequences, which every terminal of today knows.
constexpr char kEnter[] = "\x1b[?1049h\x1b[?25l";  // alternate screen, no cursor
constexpr char kLeave[] = "\x1b[?25h\x1b[?1049l";
constexpr char kHome[] = "\x1b[H";
constexpr char kClearLine[] = "\x1b[K";
constexpr char kClearBelow[] = "\x1b[J";

}  // namespace

LiveScreen::LiveScreen(std::ostream& out) : out_(out) { out_ << kEnter << std::flush; }

LiveScreen::~LiveScreen() {
  out_ << kLeave;
  for (const std::string& line : last_) out_ << line << "\n";
  out_ << std::flush;
}

void LiveScreen::Draw(const std::vector<std::string>& lines, int rows) {
  last_ = lines;
  out_ << kHome;
  const size_t shown = std::min(lines.size(), static_cast<size_t>(std::max(rows - 1, 1)));
  for (size_t i = 0; i < shown; ++i) out_ << lines[i] << kClearLine << "\r\n";
  out_ << kClearBelow << std::flush;
}

}  // namespace livecounter::cli
