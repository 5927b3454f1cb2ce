#include "cli/watch_board.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/names.h"
#include "cli/text.h"

namespace livecounter::cli {
namespace {

constexpr char kDash[] = "–";
constexpr size_t kNarrowestLabel = 8;

void Push(std::deque<int64_t>* samples, int64_t value, size_t most) {
  samples->push_back(value);
  if (samples->size() > most) samples->pop_front();
}

// Cells of one line.
struct Line {
  std::string label;
  std::string hits;
  std::string rate;
  std::string present;
  std::string activity;
};

struct Widths {
  size_t label = 0;
  size_t hits = 0;
  size_t rate = 0;
  size_t present = 0;
  bool activity = true;

  size_t Numbers() const { return 2 + hits + 2 + rate + 2 + present; }
};

std::string Laid(const Line& line, const Widths& widths) {
  std::string text = absl::StrCat(
      PadRight(Fit(line.label, widths.label), widths.label), "  ", PadLeft(line.hits, widths.hits),
      "  ", PadLeft(line.rate, widths.rate), "  ", PadLeft(line.present, widths.present));
  if (widths.activity) absl::StrAppend(&text, "  ", line.activity);
  return std::string(absl::StripTrailingAsciiWhitespace(text));
}

// Labels give way first, then the sparkline.
Widths Arrange(const std::vector<Line>& lines, size_t columns, size_t activity_width) {
  Widths widths;
  for (const Line& line : lines) {
    widths.label = std::max(widths.label, DisplayWidth(line.label));
    widths.hits = std::max(widths.hits, DisplayWidth(line.hits));
    widths.rate = std::max(widths.rate, DisplayWidth(line.rate));
    widths.present = std::max(widths.present, DisplayWidth(line.present));
  }
  const size_t numbers = widths.Numbers();
  widths.activity = columns >= kNarrowestLabel + numbers + 2 + activity_width;
  const size_t taken = numbers + (widths.activity ? 2 + activity_width : 0);
  const size_t left = columns > taken ? columns - taken : 0;
  widths.label = std::min(widths.label, std::max(left, size_t{1}));
  return widths;
}

}  // namespace

WatchBoard::WatchBoard(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (!row_of_.emplace(name, rows_.size()).second) continue;
    rows_.push_back({.label = Printable(ShortName(name))});
  }
}

bool WatchBoard::Apply(const v1::Counter& counter) {
  const auto found = row_of_.find(counter.name());
  if (found == row_of_.end()) return false;
  Row& row = rows_[found->second];
  const std::pair<uint64_t, uint64_t> version = {counter.epoch(), counter.revision()};
  if (row.known && version < row.version) return false;
  row.version = version;
  row.known = true;
  row.hits = counter.has_hits() ? absl::make_optional(counter.hits()) : absl::nullopt;
  row.present = counter.present();
  return true;
}

void WatchBoard::Sample() {
  for (Row& row : rows_) {
    if (!row.known) continue;
    if (row.hits) {
      Push(&row.hits_samples, *row.hits, kSamples + 1);
    } else {
      row.hits_samples.clear();
    }
    Push(&row.present_samples, row.present, kSamples);
  }
}

absl::optional<double> WatchBoard::HitsPerSecond(const Row& row) {
  const size_t samples = row.hits_samples.size();
  if (samples < 2) return absl::nullopt;
  const size_t steps = std::min(samples - 1, kRateSamples);
  const int64_t hits = row.hits_samples.back() - row.hits_samples[samples - 1 - steps];
  return static_cast<double>(hits) /
         (static_cast<double>(steps) * absl::ToDoubleSeconds(kSampleInterval));
}

// Hits of each second where there is a hit counter, else who was present.
std::string WatchBoard::Activity(const Row& row) {
  std::vector<double> values;
  if (row.hits) {
    for (size_t i = 1; i < row.hits_samples.size(); ++i) {
      values.push_back(static_cast<double>(row.hits_samples[i] - row.hits_samples[i - 1]));
    }
  } else {
    values.assign(row.present_samples.begin(), row.present_samples.end());
  }
  return Sparkline(values);
}

std::vector<std::string> WatchBoard::Lines(TerminalSize size, Style style,
                                           const std::string& status) const {
  std::vector<Line> cells = {{"COUNTER", "HITS", "HITS/S", "PRESENT", "LAST 30 S"}};
  for (const Row& row : rows_) {
    const absl::optional<double> rate = HitsPerSecond(row);
    cells.push_back({row.label, row.hits ? Grouped(*row.hits) : kDash,
                     rate ? absl::StrFormat("%.1f", *rate) : kDash,
                     row.known ? Grouped(row.present) : kDash, Activity(row)});
  }
  const auto columns = static_cast<size_t>(std::max(size.columns, 1));
  const Widths widths = Arrange(cells, columns, kSamples);
  const size_t room = static_cast<size_t>(std::max(size.rows - 4, 1));
  const size_t shown = std::min(rows_.size(), room);
  std::vector<std::string> lines = {style.Dim(Fit(status, columns)),
                                    style.Bold(Fit(Laid(cells[0], widths), columns))};
  for (size_t i = 1; i <= shown; ++i) lines.push_back(Fit(Laid(cells[i], widths), columns));
  if (shown < rows_.size()) {
    lines.push_back(style.Dim(Fit(
        absl::StrCat("… and ", rows_.size() - shown, " more: make the terminal higher"), columns)));
  }
  return lines;
}

std::string WatchLine(const v1::Counter& counter, absl::Time now) {
  return absl::StrCat(absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", now, absl::UTCTimeZone()), " ",
                      Printable(ShortName(counter.name())),
                      counter.has_hits() ? absl::StrCat(" hits=", counter.hits()) : "",
                      " present=", counter.present(), "\n");
}

}  // namespace livecounter::cli
