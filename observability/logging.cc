#include "observability/logging.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "nlohmann/json.hpp"

namespace livecounter::observability {
namespace {

using Json = nlohmann::ordered_json;

constexpr absl::string_view kWithheld = "[withheld]";
constexpr std::array<absl::string_view, kLogLevels> kLevelNames = {"debug", "info", "warning",
                                                                   "error"};
constexpr std::array<absl::string_view, 2> kFormatNames = {"json", "text"};

template <typename Enum>
bool ParseName(absl::string_view text, absl::Span<const absl::string_view> names, Enum* value,
               std::string* error) {
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] == text) {
      *value = static_cast<Enum>(i);
      return true;
    }
  }
  *error = absl::StrCat("one of ", absl::StrJoin(names, ", "));
  return false;
}

std::string FormatLogTime(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
}

Json JsonText(absl::string_view text) { return Json(std::string(text)); }

Json JsonValue(const Field& field) {
  struct Visitor {
    bool sensitive;
    Json operator()(absl::string_view text) const {
      return JsonText(sensitive && !text.empty() ? kWithheld : text);
    }
    Json operator()(const std::string& text) const { return (*this)(absl::string_view(text)); }
    Json operator()(bool value) const { return value; }
    Json operator()(double value) const { return value; }
    Json operator()(int64_t value) const { return value; }
    Json operator()(uint64_t value) const { return value; }
  };
  return std::visit(Visitor{IsSensitiveKey(field.key())}, field.value());
}

// Never throws: bytes that are not UTF-8 become U+FFFD.
std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string JsonLine(absl::Time time, LogLevel level, absl::string_view event,
                     std::initializer_list<Field> fields) {
  Json line;
  line["time"] = FormatLogTime(time);
  line["level"] = AbslUnparseFlag(level);
  line["event"] = JsonText(event);
  for (const Field& field : fields) line[std::string(field.key())] = JsonValue(field);
  return absl::StrCat(Dump(line), "\n");
}

bool IsPlainWord(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return absl::ascii_isgraph(c) && c != '"' && c != '=' && c != '\\';
  });
}

std::string TextLine(absl::Time time, LogLevel level, absl::string_view event,
                     std::initializer_list<Field> fields) {
  std::string line = absl::StrCat(FormatLogTime(time), " ",
                                  absl::AsciiStrToUpper(AbslUnparseFlag(level)), " ", event);
  for (const Field& field : fields) {
    const Json value = JsonValue(field);
    const bool plain = value.is_string() && IsPlainWord(value.get_ref<const std::string&>());
    absl::StrAppend(&line, " ", field.key(), "=",
                    plain ? value.get_ref<const std::string&>() : Dump(value));
  }
  line.push_back('\n');
  return line;
}

}  // namespace

bool AbslParseFlag(absl::string_view text, LogLevel* level, std::string* error) {
  return ParseName(text, kLevelNames, level, error);
}

std::string AbslUnparseFlag(LogLevel level) {
  return std::string(kLevelNames[static_cast<size_t>(level)]);
}

bool AbslParseFlag(absl::string_view text, LogFormat* format, std::string* error) {
  return ParseName(text, kFormatNames, format, error);
}

std::string AbslUnparseFlag(LogFormat format) {
  return std::string(kFormatNames[static_cast<size_t>(format)]);
}

Logger::Logger(Options options) : options_(std::move(options)) {}

void Logger::Write(LogLevel level, absl::string_view event,
                   std::initializer_list<Field> fields) const {
  const auto format = options_.format == LogFormat::kJson ? JsonLine : TextLine;
  const std::string line = format(options_.now(), level, event, fields);
  lines_[static_cast<size_t>(level)].fetch_add(1, std::memory_order_relaxed);
  absl::MutexLock lock(&mutex_);
  options_.sink(line);
}

void Logger::WriteToStandardError(absl::string_view line) {
  while (!line.empty()) {
    const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    line.remove_prefix(static_cast<size_t>(written));
  }
}

absl::string_view PathOnly(absl::string_view request_target) {
  return request_target.substr(0, request_target.find_first_of("?#"));
}

absl::string_view SizeClass(absl::string_view value) {
  if (value.empty()) return "empty";
  if (value.size() <= 16) return "1-16 bytes";
  if (value.size() <= 64) return "17-64 bytes";
  if (value.size() <= 256) return "65-256 bytes";
  if (value.size() <= 2048) return "257-2048 bytes";
  return "over 2048 bytes";
}

bool IsSensitiveKey(absl::string_view key) {
  constexpr std::array<absl::string_view, 10> kSensitiveEndings = {
      "token", "secret", "password", "cookie", "authorization",
      "query", "uri",    "url",      "urlid",  "presenceid"};
  std::string normal;
  for (char c : key) {
    if (c != '_' && c != '-') normal.push_back(absl::ascii_tolower(c));
  }
  return normal == "pid" ||
         std::any_of(kSensitiveEndings.begin(), kSensitiveEndings.end(),
                     [&](absl::string_view ending) { return absl::EndsWith(normal, ending); });
}

}  // namespace livecounter::observability
