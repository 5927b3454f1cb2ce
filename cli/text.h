// Text for a terminal: how wide it is there, and without what would steer it. Pure; any thread.

#ifndef LIVECOUNTER_CLI_TEXT_H_
#define LIVECOUNTER_CLI_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace livecounter::cli {

// Columns that printable UTF-8 takes: two for wide characters, none for combining ones. Bytes that
// are no UTF-8 count one each.
size_t DisplayWidth(absl::string_view text);

// `text` with what is not printable (control characters, escape sequences, broken UTF-8) escaped as
// \xHH: names and messages are other people's, and a terminal obeys what it is sent.
std::string Printable(absl::string_view text);

// At most `columns` wide, "…" at its end where it was cut. Of printable text without colours.
std::string Fit(absl::string_view text, size_t columns);

// Padded with blanks to `columns`; as it is where it is wider.
std::string PadRight(absl::string_view text, size_t columns);
std::string PadLeft(absl::string_view text, size_t columns);

// 1234567 as "1,234,567".
std::string Grouped(int64_t number);

// One block per value, from ▁ for 0 to █ for the greatest; nothing for no values.
std::string Sparkline(const std::vector<double>& values);

// A bar of `columns` blocks, filled to `part` of 1, in eighths of a block.
std::string Bar(double part, size_t columns);

// Words wrapped to `columns`, each line after `indent`; ends with a newline.
std::string Wrapped(absl::string_view text, absl::string_view indent, size_t columns);

}  // namespace livecounter::cli

#endif  // LIVECOUNTER_CLI_TEXT_H_
