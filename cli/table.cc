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

std::vector<size_t> Table::Widths() const {
  std::vector<size_t> widths = taken_widths_;
  widths.resize(columns_.size());
  for (size_t i = 0; i < columns_.size(); ++i) {
    widths[i] = std::max(widths[i], DisplayWidth(columns_[i].title));
    for (const Row& row : rows_) widths[i] = std::max(widths[i], DisplayWidth(row[i]));
  }
  return widths;
}

std::string Table::Line(const Row& cells, const std::vector<size_t>& widths) const {
  std::string line;
  for (size_t i = 0; i < columns_.size(); ++i) {
    const bool right = columns_[i].align == Align::kRight;
    absl::StrAppend(&line, i == 0 ? "" : kGap,
                    right ? PadLeft(cells[i], widths[i]) : PadRight(cells[i], widths[i]));
  }
  return absl::StrCat(absl::StripTrailingAsciiWhitespace(line), "\n");
}

std::string Table::Titles(const std::vector<size_t>& widths) const {
  Row titles;
  for (const Column& column : columns_) titles.push_back(column.title);
  return Line(titles, widths);
}

std::string Table::ToString() const {
  const std::vector<size_t> widths = Widths();
  std::string out = Titles(widths);
  for (const Row& row : rows_) absl::StrAppend(&out, Line(row, widths));
  return out;
}

std::string Table::TakeRows() {
  const std::vector<size_t> widths = Widths();
  std::string out = taken_widths_.empty() ? Titles(widths) : "";
  for (const Row& row : std::exchange(rows_, {})) absl::StrAppend(&out, Line(row, widths));
  taken_widths_ = widths;
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
