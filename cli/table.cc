#include "cli/table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "cli/text.h"

namespace livecounter::cli {
namespace {

constexpr absl::string_view kGap = "  ";

}  // namespace

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

void Table::AddRow(std::vector<std::string> cells) {
  for (std::string& cell : cells) cell = Printable(cell);
  rows_.push_back(std::move(cells));
}

std::string Table::ToString() const {
  std::vector<size_t> widths;
  for (size_t i = 0; i < columns_.size(); ++i) {
    size_t width = DisplayWidth(columns_[i].title);
    for (const auto& row : rows_) width = std::max(width, DisplayWidth(row[i]));
    widths.push_back(width);
  }
  std::string out;
  const auto append = [&](const std::vector<std::string>& cells) {
    std::string line;
    for (size_t i = 0; i < cells.size(); ++i) {
      const bool right = columns_[i].align == Align::kRight;
      absl::StrAppend(&line, i == 0 ? "" : kGap,
                      right ? PadLeft(cells[i], widths[i]) : PadRight(cells[i], widths[i]));
    }
    absl::StrAppend(&out, absl::StripTrailingAsciiWhitespace(line), "\n");
  };
  std::vector<std::string> titles;
  for (const Column& column : columns_) titles.push_back(column.title);
  append(titles);
  for (const auto& row : rows_) append(row);
  return out;
}

void Sheet::Add(absl::string_view name, absl::string_view value) {
  if (!value.empty()) lines_.emplace_back(name, Printable(value));
}

std::string Sheet::ToString() const {
  size_t width = 0;
  for (const auto& [name, value] : lines_) width = std::max(width, DisplayWidth(name));
  std::string out;
  for (const auto& [name, value] : lines_) {
    absl::StrAppend(&out, PadRight(name, width), kGap, value, "\n");
  }
  return out;
}

}  // namespace livecounter::cli
