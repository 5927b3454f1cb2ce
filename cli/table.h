// Aligned tables for people.

#ifndef LIVECOUNTER_CLI_TABLE_H_
#define LIVECOUNTER_CLI_TABLE_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace livecounter::cli {

// One thread at a time. What cells hold is made printable (text.h).
class Table {
 public:
  enum class Align { kLeft, kRight };
  struct Column {
    std::string title = {};  // in capitals
    Align align = Align::kLeft;
  };

  explicit Table(std::vector<Column> columns);

  // As many cells as there are columns.
  void AddRow(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }

  // The title line and the rows, two blanks between columns and none at the end of a line.
  std::string ToString() const;

  // The title line, the first time, and the rows since the last call, for tables that are shown as they grow.
  // Columns never get narrower.
  std::string TakeRows();

 private:
  using Row = std::vector<std::string>;

  std::vector<size_t> Widths() const;
  std::string Line(const Row& cells, const std::vector<size_t>& widths) const;
  std::string Titles(const std::vector<size_t>& widths) const;

  const std::vector<Column> columns_;
  std::vector<Row> rows_;
  std::vector<size_t> taken_widths_;  // of what was taken; empty: nothing yet
};

// One thing as lines of "name  value", the values below each other. Pairs without a value are left
// out.
class Sheet {
 public:
  void Add(absl::string_view name, absl::string_view value);
  std::string ToString() const;

 private:
  std::vector<std::pair<std::string, std::string>> lines_;
};

}  // namespace livecounter::cli

#endif  // LIVECOUNTER_CLI_TABLE_H_
