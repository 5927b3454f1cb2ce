// A few lines of a terminal that are drawn again and again.
//
// They stand on the terminal's alternate screen while they live, so that a change of size leaves no
// remains; at the end the user's own screen is back, with the last lines below its prompt. Used by one
// thread.

#ifndef LIVECOUNTER_CLI_LIVE_SCREEN_H_
#define LIVECOUNTER_CLI_LIVE_SCREEN_H_

#include <iosfwd>
#include <string>
#include <vector>

namespace livecounter::cli {

class LiveScreen {
 public:
  explicit LiveScreen(std::ostream& out);
  ~LiveScreen();
  LiveScreen(const LiveScreen&) = delete;
  LiveScreen& operator=(const LiveScreen&) = delete;

  // Replaces what is shown; `rows` is the height of the terminal, beyond which lines are left out.
  // No line is wider than the terminal.
  void Draw(const std::vector<std::string>& lines, int rows);

 private:
  std::ostream& out_;
  std::vector<std::string> last_;
};

}  // namespace livecounter::cli

#endif  // LIVECOUNTER_CLI_LIVE_SCREEN_H_
