// Structured logs: one line an event on standard error, as JSON or for people (contract §7).
//
//   logger.Info("session_opened", {{"gateway", id}, {"watched", watched.size()}});
//   {"time":"2024-05-01T12:00:00.123Z","level":"info","event":"session_opened","gateway":"…",…}
//
// An event is a fixed snake_case name; everything that varies is a field of its own, so nobody
// builds a sentence that a secret can slip into. **Never a field: a pId, a token, a password, a
// signing secret, a query string, a whole request URI.** Log a class of the thing in its place:
// `PathOnly()`, `SizeClass()`. As a net below that rule the logger withholds the text of fields
// whose key names such a thing (`IsSensitiveKey()`).
//
// A Logger is made in main() and passed in; there is no global one. All methods may be called from
// any thread. Writing is synchronous: paths that run once per connection or update log at debug.

#ifndef LIVECOUNTER_OBSERVABILITY_LOGGING_H_
#define LIVECOUNTER_OBSERVABILITY_LOGGING_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <type_traits>
#include <variant>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace livecounter::observability {

enum class LogLevel { kDebug, kInfo, kWarning, kError };
inline constexpr size_t kLogLevels = 4;
enum class LogFormat { kJson, kText };

// Flag types (absl flags finds these by their names): "debug", "info", "warning", "error";
// "json", "text".
bool AbslParseFlag(absl::string_view text, LogLevel* level, std::string* error);
std::string AbslUnparseFlag(LogLevel level);
bool AbslParseFlag(absl::string_view text, LogFormat* format, std::string* error);
std::string AbslUnparseFlag(LogFormat format);

// One key and its value. It views what it was given and lives only for the logging call.
class Field {
 public:
  // Text may be any bytes: what is not UTF-8 is shown as U+FFFD.
  Field(absl::string_view key, absl::string_view value) : key_(key), value_(value) {}
  Field(absl::string_view key, const char* value) : key_(key), value_(absl::string_view(value)) {}
  Field(absl::string_view key, const std::string& value)
      : key_(key), value_(absl::string_view(value)) {}
  Field(absl::string_view key, bool value) : key_(key), value_(value) {}
  Field(absl::string_view key, double value) : key_(key), value_(value) {}
  template <typename Integer, std::enable_if_t<std::is_integral_v<Integer>, int> = 0>
  Field(absl::string_view key, Integer value) : key_(key), value_(Widen(value)) {}
  // Logged as a number of seconds; the key should end in `_seconds`.
  Field(absl::string_view key, absl::Duration value)
      : key_(key), value_(absl::ToDoubleSeconds(value)) {}
  // Logged as "CODE: message".
  Field(absl::string_view key, const absl::Status& value) : key_(key), value_(value.ToString()) {}

  using Value = std::variant<absl::string_view, std::string, bool, double, int64_t, uint64_t>;
  absl::string_view key() const { return key_; }
  const Value& value() const { return value_; }

 private:
  template <typename Integer>
  static Value Widen(Integer value) {
    if constexpr (std::is_unsigned_v<Integer>) {
      return static_cast<uint64_t>(value);
    } else {
      return static_cast<int64_t>(value);
    }
  }

  absl::string_view key_;
  Value value_;
};

class Logger {
 public:
  // Receives one whole line, newline included. Calls never overlap.
  using Sink = std::function<void(absl::string_view line)>;
  using Now = std::function<absl::Time()>;

  struct Options {
    LogFormat format = LogFormat::kJson;
    LogLevel minimum = LogLevel::kInfo;
    Sink sink = WriteToStandardError;
    Now now = absl::Now;
  };

  Logger() : Logger(Options{}) {}
  explicit Logger(Options options);
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  // True if events of this level are written. Ask first where making the fields costs something.
  bool enabled(LogLevel level) const { return level >= options_.minimum; }

  void Debug(absl::string_view event, std::initializer_list<Field> fields = {}) const {
    Log(LogLevel::kDebug, event, fields);
  }
  void Info(absl::string_view event, std::initializer_list<Field> fields = {}) const {
    Log(LogLevel::kInfo, event, fields);
  }
  void Warning(absl::string_view event, std::initializer_list<Field> fields = {}) const {
    Log(LogLevel::kWarning, event, fields);
  }
  void Error(absl::string_view event, std::initializer_list<Field> fields = {}) const {
    Log(LogLevel::kError, event, fields);
  }
  void Log(LogLevel level, absl::string_view event, std::initializer_list<Field> fields) const {
    if (enabled(level)) Write(level, event, fields);
  }

  // How many lines of this level were written.
  int64_t lines(LogLevel level) const { return lines_[static_cast<size_t>(level)].load(); }

  // The sink of programs: file descriptor 2. A line that cannot be written is lost.
  static void WriteToStandardError(absl::string_view line);

 private:
  void Write(LogLevel level, absl::string_view event, std::initializer_list<Field> fields) const;

  const Options options_;
  mutable absl::Mutex mutex_;  // keeps lines whole and in order
  mutable std::array<std::atomic<int64_t>, kLogLevels> lines_ = {};
};

// The path of a request target, without query and fragment: "/sub?pId=1" is "/sub".
absl::string_view PathOnly(absl::string_view request_target);

// How long a value is, in words, when the value itself must not be logged: "empty", "1-16 bytes",
// "17-64 bytes", "65-256 bytes", "257-2048 bytes", "over 2048 bytes".
absl::string_view SizeClass(absl::string_view value);

// True for keys whose text the logger withholds, in any case and with or without '_' and '-':
// pId, token, secret, password, cookie, authorization, query, uri, url and words that end in them.
bool IsSensitiveKey(absl::string_view key);

}  // namespace livecounter::observability

#endif  // LIVECOUNTER_OBSERVABILITY_LOGGING_H_
