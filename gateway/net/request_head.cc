#include "gateway/net/request_head.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gateway/net/request_target.h"

namespace livecounter::gateway::net {
namespace {

constexpr size_t kMaxMethod = 32;
constexpr size_t kMaxHeaders = 200;
constexpr size_t kWebSocketKeyBytes = 16;

// RFC 9110 §5.6.2.
bool IsToken(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           absl::StrContains("!#$%&'*+-.^_`|~", c);
  });
}

bool IsFieldValue(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) >= ' ' && c != '\x7f') || c == '\t';
  });
}

bool Hold(absl::Span<const absl::string_view> names, absl::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Takes the first line off `rest`, without its end: CRLF, or LF alone (RFC 9112 §2.2).
absl::string_view TakeLine(absl::string_view& rest) {
  const size_t end = std::min(rest.find('\n'), rest.size());
  absl::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  absl::ConsumeSuffix(&line, "\r");
  return line;
}

void SkipBlankLines(absl::string_view& bytes) {
  while (absl::ConsumePrefix(&bytes, "\r\n") || absl::ConsumePrefix(&bytes, "\n")) {
  }
}

// Whether a comma-separated list holds `token`, in any case.
bool HoldsToken(const Request& request, absl::string_view name, absl::string_view token) {
  const absl::optional<absl::string_view> value = request.header(name);
  if (!value.has_value()) return false;
  for (absl::string_view item : absl::StrSplit(*value, ',')) {
    if (absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(item), token)) return true;
  }
  return false;
}

absl::optional<Refusal> ParseVersion(absl::string_view version, RequestHead& head) {
  if (version == "HTTP/1.1") return absl::nullopt;
  head.is_http_1_0 = version == "HTTP/1.0";
  if (head.is_http_1_0) return absl::nullopt;
  if (absl::StartsWith(version, "HTTP/")) {
    return Refusal{505, "HTTP/1.1 and HTTP/1.0 are spoken here"};
  }
  return Refusal{400, "the request line does not end with an HTTP version"};
}

absl::optional<Refusal> ParseRequestLine(absl::string_view line, RequestHead& head) {
  const std::vector<absl::string_view> parts = absl::StrSplit(line, ' ');
  if (parts.size() != 3) {
    return Refusal{400, "the request line is not a method, a target and a version"};
  }
  if (absl::optional<Refusal> refusal = ParseVersion(parts[2], head); refusal.has_value()) {
    return refusal;
  }
  if (!IsToken(parts[0]) || parts[0].size() > kMaxMethod) {
    return Refusal{400, "the method is not a token of at most 32 characters"};
  }
  absl::StatusOr<RequestTarget> target = ParseRequestTarget(parts[1]);
  if (!target.ok()) return Refusal{400, std::string(target.status().message())};
  head.request.method = std::string(parts[0]);
  head.request.path = std::move(target->path);
  head.request.has_escaped_slash = target->has_escaped_slash;
  head.request.query = std::move(target->query);
  return absl::nullopt;
}

void KeepHeader(std::string name, absl::string_view value, Request& request) {
  for (auto& [own_name, own_value] : request.headers) {
    if (own_name == name) {
      absl::StrAppend(&own_value, ", ", value);
      return;
    }
  }
  request.headers.emplace_back(std::move(name), std::string(value));
}

absl::optional<Refusal> ParseHeaderLine(absl::string_view line, const HeadRules& rules,
                                        Request& request) {
  const size_t colon = line.find(':');
  if (colon == absl::string_view::npos || !IsToken(line.substr(0, colon))) {
    return Refusal{400, "a header line has no valid name before its colon"};
  }
  const absl::string_view value = absl::StripAsciiWhitespace(line.substr(colon + 1));
  if (!IsFieldValue(value)) return Refusal{400, "a header value holds a control character"};
  std::string name = absl::AsciiStrToLower(line.substr(0, colon));
  if (name == "host" && request.header("host").has_value()) {
    return Refusal{400, "there are two Host headers"};
  }
  if (Hold(kKeptHeaders, name) || Hold(rules.more_headers, name)) {
    KeepHeader(std::move(name), value, request);
  }
  return absl::nullopt;
}

absl::optional<Refusal> ParseHeaders(absl::string_view rest, const HeadRules& rules,
                                     RequestHead& head) {
  size_t count = 0;
  for (absl::string_view line = TakeLine(rest); !line.empty(); line = TakeLine(rest)) {
    if (++count > kMaxHeaders) {
      return Refusal{431, absl::StrCat("there are more than ", kMaxHeaders, " headers")};
    }
    if (absl::optional<Refusal> refusal = ParseHeaderLine(line, rules, head.request);
        refusal.has_value()) {
      return refusal;
    }
  }
  if (!head.is_http_1_0 && !head.request.header("host").has_value()) {
    return Refusal{400, "an HTTP/1.1 request needs a Host header"};
  }
  return absl::nullopt;
}

// RFC 9112 §6.1. HTTP/1.0 has no codings: who sends one there means to smuggle.
absl::optional<Refusal> CheckCoding(absl::string_view coding, RequestHead& head) {
  head.is_chunked = !head.is_http_1_0 && absl::EqualsIgnoreCase(coding, "chunked");
  if (head.is_chunked) return absl::nullopt;
  return Refusal{400, "Transfer-Encoding is chunked alone, in HTTP/1.1, or not there"};
}

// Content-Length is digits alone: signs, lists and repeats are how requests are smuggled.
absl::optional<Refusal> CheckBody(const HeadRules& rules, RequestHead& head) {
  const absl::optional<absl::string_view> length = head.request.header("content-length");
  const absl::optional<absl::string_view> coding = head.request.header("transfer-encoding");
  if (coding.has_value() && length.has_value()) {
    return Refusal{400, "a request has either Content-Length or Transfer-Encoding"};
  }
  if (coding.has_value()) return CheckCoding(*coding, head);
  if (!length.has_value()) return absl::nullopt;
  if (length->empty() || !std::all_of(length->begin(), length->end(), absl::ascii_isdigit)) {
    return Refusal{400, "Content-Length is not one number"};
  }
  size_t size = 0;
  if (!absl::SimpleAtoi(*length, &size) || size > rules.max_body) {
    return Refusal{413, absl::StrCat("a body has at most ", rules.max_body, " bytes here")};
  }
  head.body_size = size;
  return absl::nullopt;
}

// An upgrade to anything else is left alone (RFC 9110 §7.8): the request is an ordinary one.
absl::optional<Refusal> CheckUpgrade(RequestHead& head) {
  if (HoldsToken(head.request, "upgrade", "h2c")) {
    return Refusal{400, "HTTP/2 is not spoken here; ask for HTTP/1.1 without Upgrade: h2c"};
  }
  head.wants_web_socket = !head.is_http_1_0 && head.request.method == "GET" &&
                          HoldsToken(head.request, "connection", "upgrade") &&
                          HoldsToken(head.request, "upgrade", "websocket");
  return absl::nullopt;
}

}  // namespace

absl::variant<size_t, Refusal> FindHeadEnd(absl::string_view bytes) {
  absl::string_view rest = bytes;
  SkipBlankLines(rest);
  const absl::string_view head = rest;
  const size_t skipped = bytes.size() - head.size();
  if (skipped > kMaxHead) return Refusal{400, "there are only blank lines"};

  if (TakeLine(rest).size() > kMaxRequestLine) {
    return Refusal{414,
                   absl::StrCat("a request line has at most ", kMaxRequestLine, " bytes here")};
  }
  while (absl::StrContains(rest, '\n')) {
    const bool is_end = TakeLine(rest).empty();
    const size_t size = head.size() - rest.size();
    if (size > kMaxHead) break;
    if (is_end) return skipped + size;
  }
  if (head.size() > kMaxHead) {
    return Refusal{
        431, absl::StrCat("a request line and its headers have at most ", kMaxHead, " bytes here")};
  }
  return size_t{0};
}

absl::variant<RequestHead, Refusal> ParseRequestHead(absl::string_view head,
                                                     const HeadRules& rules) {
  RequestHead parsed;
  SkipBlankLines(head);
  if (absl::optional<Refusal> refusal = ParseRequestLine(TakeLine(head), parsed);
      refusal.has_value()) {
    return *std::move(refusal);
  }
  if (absl::optional<Refusal> refusal = ParseHeaders(head, rules, parsed); refusal.has_value()) {
    return *std::move(refusal);
  }
  parsed.keep_alive = parsed.is_http_1_0 ? HoldsToken(parsed.request, "connection", "keep-alive")
                                         : !HoldsToken(parsed.request, "connection", "close");
  parsed.expects_continue =
      !parsed.is_http_1_0 && HoldsToken(parsed.request, "expect", "100-continue");
  parsed.refusal = CheckBody(rules, parsed);
  if (!parsed.refusal.has_value()) parsed.refusal = CheckUpgrade(parsed);
  return parsed;
}

absl::optional<Refusal> CheckHandshake(const RequestHead& head) {
  if (head.body_size != 0 || head.is_chunked) {
    return Refusal{400, "a WebSocket handshake has no body"};
  }
  if (head.request.header("sec-websocket-version") != absl::string_view("13")) {
    return Refusal{426,
                   "WebSocket version 13 is spoken here",
                   {{"sec-websocket-version", "13"}, {"upgrade", "websocket"}}};
  }
  std::string key;
  if (!absl::Base64Unescape(head.request.header("sec-websocket-key").value_or(""), &key) ||
      key.size() != kWebSocketKeyBytes) {
    return Refusal{400, "Sec-WebSocket-Key is not 16 bytes in Base64"};
  }
  return absl::nullopt;
}

}  // namespace livecounter::gateway::net
