#include "services/runtime/flag_help.h"

#include <cstdint>
#include <vector>

#include "absl/flags/reflection.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "services/runtime/flag_types.h"

namespace livecounter::runtime {
namespace {

constexpr size_t kColumns = 80;

// One flag as it is shown.
struct Entry {
  std::string name;
  std::string default_text;
  std::string takes;
  std::string meaning;
};

struct Section {
  std::string title;
  std::vector<Entry> entries;
};

Entry Describe(const FlagSpec& spec) {
  const absl::CommandLineFlag& flag = *absl::FindCommandLineFlag(spec.name);
  return {.name = spec.name,
          .default_text = spec.default_text.value_or(flag.DefaultValue()),
          .takes = spec.takes.empty() ? TakesByType(flag) : spec.takes,
          .meaning = flag.Help()};
}

Section SectionOfEveryProgram() {
  return {"This program",
          {{"flagfile", "", "a file",
            "Reads flags from a file: one --flag=value a line, # for comments."},
           {"check_config", "false", "true or false",
            "Checks the flags and what they name, says what it found and exits."},
           {"help", "", "", "Prints this and exits."},
           {"help_markdown", "", "", "Prints the same as a part of a Markdown page and exits."},
           {"version", "", "", "Prints the version and exits."}}};
}

std::vector<Section> Sections(const Program& program) {
  std::vector<Section> sections;
  for (const FlagGroup& group : program.groups) {
    Section section{group.title, {}};
    for (const FlagSpec& spec : group.flags) section.entries.push_back(Describe(spec));
    sections.push_back(std::move(section));
  }
  sections.push_back(SectionOfEveryProgram());
  return sections;
}

void AppendWrapped(absl::string_view text, absl::string_view indent, std::string* out) {
  size_t column = 0;
  for (absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    if (column > 0 && column + 1 + word.size() > kColumns) {
      out->push_back('\n');
      column = 0;
    }
    absl::StrAppend(out, column == 0 ? indent : " ", word);
    column += (column == 0 ? indent.size() : 1) + word.size();
  }
  out->push_back('\n');
}

std::string MarkdownCell(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"|", "\\|"}, {"\n", " "}});
}

std::string MarkdownCode(absl::string_view text) {
  return text.empty() ? "" : absl::StrCat("`", MarkdownCell(text), "`");
}

// Outside of code Markdown would take <FLAG> for a tag of HTML.
std::string MarkdownProse(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"<", "\\<"}});
}

constexpr absl::string_view kSources =
    "Each flag may also stand in the environment as LIVECOUNTER_<FLAG>, in upper case, and in a "
    "file named by --flagfile. The command line wins over the environment, the environment over "
    "the file, the file over the default.";

}  // namespace

std::string TakesByType(const absl::CommandLineFlag& flag) {
  if (flag.IsOfType<bool>()) return "true or false";
  if (flag.IsOfType<int32_t>() || flag.IsOfType<int64_t>()) return "a whole number";
  if (flag.IsOfType<uint32_t>() || flag.IsOfType<uint64_t>()) return "a whole number from 0";
  if (flag.IsOfType<double>()) return "a number";
  if (flag.IsOfType<absl::Duration>()) return "a duration such as 100ms, 10s or 5m";
  if (flag.IsOfType<std::vector<std::string>>()) return "a list separated by commas";
  if (flag.IsOfType<std::string>()) return "text";
  if (flag.IsOfType<ListenAddress>()) return std::string(kListenAddressTakes);
  return "";
}

std::string HelpText(const Program& program) {
  std::string out;
  AppendWrapped(absl::StrCat(program.name, ": ", program.summary), "", &out);
  absl::StrAppend(&out, "\nUsage: ", program.name, " [--flag=value]...\n\n");
  AppendWrapped(kSources, "", &out);
  for (const Section& section : Sections(program)) {
    absl::StrAppend(&out, "\n", section.title, ":\n");
    for (const Entry& entry : section.entries) {
      absl::StrAppend(&out, "  --", entry.name, entry.default_text.empty() ? "" : "=",
                      entry.default_text, "\n");
      AppendWrapped(entry.takes.empty() ? entry.meaning
                                        : absl::StrCat(entry.meaning, " Takes ", entry.takes, "."),
                    "      ", &out);
    }
  }
  return out;
}

std::string HelpMarkdown(const Program& program) {
  std::string out = absl::StrCat("## ", program.name, "\n\n", program.summary, "\n\n",
                                 MarkdownProse(kSources), "\n");
  for (const Section& section : Sections(program)) {
    absl::StrAppend(&out, "\n### ", program.name, ": ", absl::AsciiStrToLower(section.title),
                    "\n\n| Flag | Default | Takes | Meaning |\n|---|---|---|---|\n");
    for (const Entry& entry : section.entries) {
      absl::StrAppend(&out, "| `--", entry.name, "` | ", MarkdownCode(entry.default_text), " | ",
                      MarkdownCell(MarkdownProse(entry.takes)), " | ",
                      MarkdownCell(MarkdownProse(entry.meaning)), " |\n");
    }
  }
  return out;
}

}  // namespace livecounter::runtime
