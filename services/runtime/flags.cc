#include "services/runtime/flags.h"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/flags/commandlineflag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "services/runtime/flag_help.h"
#include "services/runtime/nearest_name.h"
#include "services/runtime/version.h"

ABSL_FLAG(bool, check_config, false,
          "Checks the flags and what they name, says what it found and exits.");

namespace livecounter::runtime {
namespace {

constexpr absl::string_view kBadFlagPayload = "livecounter/bad-flag";
constexpr int kExitOk = 0;
constexpr int kExitUsage = 2;

// A value for one flag and where it was found: "--demo", "flags.txt:3: --demo".
struct Setting {
  std::string flag;
  std::string value;
  std::string source;
};

// Quoted, and cut where it is long: a mistake may well be a whole file.
std::string Shown(absl::string_view value) {
  constexpr size_t kLongest = 100;
  const bool cut = value.size() > kLongest;
  return absl::StrCat("\"", absl::CHexEscape(value.substr(0, kLongest)), cut ? "…\"" : "\"");
}

std::string Complaint(absl::string_view source, absl::string_view got, absl::string_view takes) {
  return absl::StrCat(source, " got ", got, "; it takes ", takes);
}

// Reads all sources into settings, then applies them, weakest first. Collects every error.
class Parser {
 public:
  explicit Parser(const Program& program) {
    for (const FlagGroup& group : program.groups) {
      for (const FlagSpec& spec : group.flags) specs_[spec.name] = &spec;
    }
    check_config_ = OwnFlag(FLAGS_check_config);
    specs_[check_config_.name] = &check_config_;
  }

  enum class Ask { kNothing, kHelp, kHelpMarkdown, kVersion };
  Ask ask() const { return ask_; }
  const std::vector<std::string>& errors() const { return errors_; }

  void ReadArguments(absl::Span<const std::string> arguments) {
    for (size_t i = 0; i < arguments.size(); ++i) {
      const bool has_next = i + 1 < arguments.size() && !absl::StartsWith(arguments[i + 1], "--");
      if (ReadArgument(arguments[i], has_next ? &arguments[i + 1] : nullptr)) ++i;
    }
  }

  void ReadEnvironment(const Environment& environment) {
    for (const auto& [name, spec] : specs_) {
      const std::string variable = EnvironmentVariable(name);
      if (absl::optional<std::string> value = environment(variable)) {
        from_environment_.push_back({name, *value, absl::StrCat(variable, " (--", name, ")")});
      }
    }
    absl::optional<std::string> path = environment(EnvironmentVariable("flagfile"));
    if (flag_files_.empty() && path && !path->empty()) flag_files_.push_back(*path);
  }

  void ReadFlagFiles() {
    for (const std::string& path : flag_files_) ReadFlagFile(path);
  }

  void Apply() {
    for (const auto& [name, spec] : specs_) {
      if (spec->default_text) Set({name, *spec->default_text, absl::StrCat("--", name)});
    }
    for (const auto* settings : {&from_files_, &from_environment_, &from_arguments_}) {
      for (const Setting& setting : *settings) Set(setting);
    }
    CheckValid();
  }

 private:
  // One argument, and the next in case it is its value; true if it was.
  bool ReadArgument(const std::string& argument, const std::string* next) {
    absl::string_view text = argument;
    if (text == "-h") text = "--help";
    if (!absl::ConsumePrefix(&text, "--") || text.empty()) {
      errors_.push_back(absl::StrCat("cannot use the argument ", Shown(argument),
                                     "; flags are written --flag=value"));
      return false;
    }
    const std::pair<absl::string_view, absl::string_view> split =
        absl::StrSplit(text, absl::MaxSplits('=', 1));
    const bool has_value = absl::StrContains(text, '=');
    if (!has_value && ReadRequest(split.first)) return false;
    if (split.first == "flagfile") return ReadFlagFileArgument(split.second, has_value, next);

    Setting setting{std::string(split.first), std::string(split.second),
                    absl::StrCat("--", split.first)};
    const bool takes_next = !has_value && !CompleteBool(&setting);
    if (takes_next && next != nullptr) setting.value = *next;
    if (takes_next && next == nullptr && specs_.contains(setting.flag)) {
      errors_.push_back(Complaint(setting.source, "no value", Takes(setting.flag)));
      return false;
    }
    Keep(std::move(setting), &from_arguments_);
    return takes_next && next != nullptr;
  }

  bool ReadRequest(absl::string_view name) {
    if (name == "help") {
      ask_ = Ask::kHelp;
    } else if (name == "help_markdown") {
      ask_ = Ask::kHelpMarkdown;
    } else if (name == "version") {
      ask_ = Ask::kVersion;
    } else {
      return false;
    }
    return true;
  }

  bool ReadFlagFileArgument(absl::string_view path, bool has_value, const std::string* next) {
    const bool used_next = !has_value && next != nullptr;
    if (used_next) path = *next;
    if (path.empty()) {
      errors_.push_back(Complaint("--flagfile", "no value", "a file"));
    } else {
      flag_files_.emplace_back(path);
    }
    return used_next;
  }

  void ReadFlagFile(const std::string& path) {
    std::ifstream file(path);
    if (!file) {
      errors_.push_back(Complaint("--flagfile", Shown(path), "a file that can be read"));
      return;
    }
    std::string line;
    for (int number = 1; std::getline(file, line); ++number) {
      absl::string_view text = absl::StripAsciiWhitespace(line);
      if (text.empty() || absl::StartsWith(text, "#")) continue;
      absl::ConsumePrefix(&text, "--");
      const std::pair<absl::string_view, absl::string_view> split =
          absl::StrSplit(text, absl::MaxSplits('=', 1));
      const absl::string_view name = absl::StripTrailingAsciiWhitespace(split.first);
      Setting setting{std::string(name),
                      std::string(absl::StripLeadingAsciiWhitespace(split.second)),
                      absl::StrCat(path, ":", number, ": --", name)};
      const bool complete = absl::StrContains(text, '=') || CompleteBool(&setting);
      if (!complete && specs_.contains(setting.flag)) {
        errors_.push_back(Complaint(setting.source, "no value", Takes(setting.flag)));
      } else {
        Keep(std::move(setting), &from_files_);
      }
    }
  }

  // "--demo" and "--nodemo" are whole for a bool flag.
  bool CompleteBool(Setting* setting) const {
    absl::string_view name = setting->flag;
    const bool negated = !specs_.contains(name) && absl::ConsumePrefix(&name, "no");
    const auto spec = specs_.find(name);
    if (spec == specs_.end() || !absl::FindCommandLineFlag(name)->IsOfType<bool>()) return false;
    setting->value = negated ? "false" : "true";
    setting->flag = std::string(name);
    return true;
  }

  void Keep(Setting setting, std::vector<Setting>* settings) {
    if (specs_.contains(setting.flag)) {
      settings->push_back(std::move(setting));
    } else {
      errors_.push_back(UnknownFlag(setting));
    }
  }

  std::string UnknownFlag(const Setting& setting) const {
    std::vector<std::string> names = {"flagfile", "help", "help_markdown", "version"};
    for (const auto& [name, spec] : specs_) names.push_back(name);
    const std::string nearest = NearestName(setting.flag, names);
    return absl::StrCat(setting.source, " is not a flag of this program",
                        nearest.empty() ? "" : absl::StrCat("; did you mean --", nearest, "?"));
  }

  std::string Takes(const std::string& name) const {
    const FlagSpec& spec = *specs_.at(name);
    return spec.takes.empty() ? TakesByType(*absl::FindCommandLineFlag(name)) : spec.takes;
  }

  void Set(const Setting& setting) {
    std::string error;
    if (absl::FindCommandLineFlag(setting.flag)->ParseFrom(setting.value, &error)) {
      sources_[setting.flag] = setting.source;
      return;
    }
    // Abseil's text, then, after "; ", what the flag's own type said.
    absl::string_view said = error;
    absl::ConsumePrefix(&said, absl::StrCat("Illegal value '", setting.value,
                                            "' specified for flag '", setting.flag, "'"));
    absl::ConsumePrefix(&said, "; ");
    errors_.push_back(Complaint(setting.source, Shown(setting.value),
                                said.empty() ? Takes(setting.flag) : std::string(said)));
  }

  void CheckValid() {
    for (const auto& [name, spec] : specs_) {
      if (!spec->valid || spec->valid()) continue;
      const auto source = sources_.find(name);
      errors_.push_back(Complaint(source != sources_.end() ? source->second : "--" + name,
                                  Shown(absl::FindCommandLineFlag(name)->CurrentValue()),
                                  spec->takes));
    }
  }

  FlagSpec check_config_;
  absl::btree_map<std::string, const FlagSpec*> specs_;  // by name: errors come in a fixed order
  std::vector<std::string> flag_files_;
  std::vector<Setting> from_files_;
  std::vector<Setting> from_environment_;
  std::vector<Setting> from_arguments_;
  absl::flat_hash_map<std::string, std::string> sources_;
  Ask ask_ = Ask::kNothing;
  std::vector<std::string> errors_;
};

}  // namespace

Environment ProcessEnvironment() {
  return [](absl::string_view variable) -> absl::optional<std::string> {
    const char* value = std::getenv(std::string(variable).c_str());
    if (value == nullptr) return absl::nullopt;
    return std::string(value);
  };
}

absl::optional<int> ParseCommandLine(const Program& program, int argc, const char* const* argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  return ParseCommandLine(program, arguments, ProcessEnvironment(), std::cout, std::cerr);
}

absl::optional<int> ParseCommandLine(const Program& program,
                                     absl::Span<const std::string> arguments,
                                     const Environment& environment, std::ostream& out,
                                     std::ostream& err) {
  Parser parser(program);
  parser.ReadArguments(arguments);
  switch (parser.ask()) {
    case Parser::Ask::kHelp:
      out << HelpText(program);
      return kExitOk;
    case Parser::Ask::kHelpMarkdown:
      out << HelpMarkdown(program);
      return kExitOk;
    case Parser::Ask::kVersion:
      out << program.name << " " << Version() << "\n";
      return kExitOk;
    case Parser::Ask::kNothing:
      break;
  }
  parser.ReadEnvironment(environment);
  parser.ReadFlagFiles();
  parser.Apply();
  if (parser.errors().empty()) return absl::nullopt;
  for (const std::string& error : parser.errors()) err << program.name << ": " << error << "\n";
  err << "Try " << program.name << " --help\n";
  return kExitUsage;
}

absl::Status BadFlag(absl::string_view flag, absl::string_view takes) {
  const std::string value = absl::FindCommandLineFlag(flag)->CurrentValue();
  absl::Status status =
      absl::InvalidArgumentError(Complaint(absl::StrCat("--", flag), Shown(value), takes));
  status.SetPayload(kBadFlagPayload, absl::Cord());
  return status;
}

bool IsBadFlag(const absl::Status& status) {
  return status.GetPayload(kBadFlagPayload).has_value();
}

std::string EnvironmentVariable(absl::string_view flag) {
  return absl::StrCat("LIVECOUNTER_", absl::AsciiStrToUpper(flag));
}

}  // namespace livecounter::runtime
