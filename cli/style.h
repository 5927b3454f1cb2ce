// Colour, where there is a terminal that shows it and nobody asked for none. Pure; any thread.

#ifndef LIVECOUNTER_CLI_STYLE_H_
#define LIVECOUNTER_CLI_STYLE_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace livecounter::cli {

// Text given to it must be as wide as it is to be: the escape sequences around it would be counted.
struct Style {
  bool colored = false;

  std::string Bold(absl::string_view text) const { return In("1", text); }
  std::string Dim(absl::string_view text) const { return In("2", text); }
  std::string Red(absl::string_view text) const { return In("31", text); }
  std::string Green(absl::string_view text) const { return In("32", text); }

 private:
  std::string In(absl::string_view code, absl::string_view text) const {
    return colored ? absl::StrCat("\x1b[", code, "m", text, "\x1b[0m") : std::string(text);
  }
};

}  // namespace livecounter::cli

#endif  // LIVECOUNTER_CLI_STYLE_H_
