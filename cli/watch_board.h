// What `watch` shows in a terminal: each counter's newest numbers, its hits per second, and a sparkline
// of the last half minute. Pure; one thread at a time.

#ifndef LIVECOUNTER_CLI_WATCH_BOARD_H_
#define LIVECOUNTER_CLI_WATCH_BOARD_H_

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "cli/style.h"
#include "cli/terminal.h"
#include "livecounter/v1/counter_service.pb.h"

namespace livecounter::cli {

class WatchBoard {
 public:
  static constexpr absl::Duration kSampleInterval = absl::Seconds(1);

  // Full names of counters, in the order in which they are shown.
  explicit WatchBoard(const std::vector<std::string>& names);

  // Takes a value over, unless a newer one is there already. False for that, and for counters that are
  // not watched.
  bool Apply(const v1::Counter& counter);

  // To be called once in kSampleInterval: rates and sparklines count in samples.
  void Sample();

  // `status` stands in the first line: "live", "connection lost, trying again".
  std::vector<std::string> Lines(TerminalSize size, Style style, const std::string& status) const;

 private:
  static constexpr size_t kSamples = 30;
  static constexpr size_t kRateSamples = 10;

  struct Row {
    std::string label;
    std::pair<uint64_t, uint64_t> version = {};  // epoch, revision
    bool known = false;
    absl::optional<int64_t> hits = {};
    int64_t present = 0;
    std::deque<int64_t> hits_samples = {};
    std::deque<int64_t> present_samples = {};
  };

  static absl::optional<double> HitsPerSecond(const Row& row);
  static std::string Activity(const Row& row);

  std::vector<Row> rows_;
  std::map<std::string, size_t, std::less<>> row_of_;
};

// One value on one line, for output that is no terminal:
// "2026-11-22T10:00:00.123Z demo/demo/1 hits=26 present=3".
std::string WatchLine(const v1::Counter& counter, absl::Time now);

}  // namespace livecounter::cli

#endif  // LIVECOUNTER_CLI_WATCH_BOARD_H_
