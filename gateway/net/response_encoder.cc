#include "gateway/net/response_encoder.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace livecounter::gateway::net {
namespace {

constexpr std::pair<int, absl::string_view> kReasonPhrases[] = {
    {200, "OK"},
    {201, "Created"},
    {204, "No Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

// No header value can end its line early (response splitting), wherever it came from.
void AppendHeaderText(absl::string_view text, std::string& out) {
  for (char c : text) {
    if (static_cast<unsigned char>(c) >= ' ' || c == '\t') out.push_back(c);
  }
}

void AppendHeader(absl::string_view name, absl::string_view value, std::string& out) {
  AppendHeaderText(name, out);
  out += ": ";
  AppendHeaderText(value, out);
  out += "\r\n";
}

void AppendHeaders(const std::vector<std::pair<std::string, std::string>>& headers,
                   absl::string_view date, std::string& out) {
  for (const auto& [name, value] : headers) AppendHeader(name, value, out);
  AppendHeader("date", date, out);
}

// A response that names a protocol to upgrade to has to say so here too (RFC 9110 §7.8).
std::string ConnectionOptions(const Response& response, Persistence persistence) {
  std::vector<absl::string_view> options;
  for (const auto& header : response.headers) {
    if (header.first == "upgrade") options.push_back("upgrade");
  }
  if (persistence == Persistence::kClose) options.push_back("close");
  if (persistence == Persistence::kExplicitKeepAlive) options.push_back("keep-alive");
  return absl::StrJoin(options, ", ");
}

bool HasContentType(const std::vector<std::pair<std::string, std::string>>& headers) {
  return std::any_of(headers.begin(), headers.end(),
                     [](const auto& header) { return header.first == "content-type"; });
}

bool HasContentLength(int status) { return status >= 200 && status != 204 && status != 304; }

}  // namespace

absl::string_view ReasonPhrase(int status) {
  for (const auto& [known, phrase] : kReasonPhrases) {
    if (known == status) return phrase;
  }
  return "Status";
}

std::string HttpDate(absl::Time now) {
  return absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", now, absl::UTCTimeZone());
}

std::string EncodeResponse(const Response& response, Persistence persistence, bool is_head,
                           absl::string_view date) {
  std::string out;
  out.reserve(256 + response.body.size());
  absl::StrAppend(&out, "HTTP/1.1 ", response.status, " ", ReasonPhrase(response.status), "\r\n");
  AppendHeaders(response.headers, date, out);
  if (HasContentLength(response.status)) {
    AppendHeader("content-length", absl::StrCat(response.body.size()), out);
  }
  const std::string connection = ConnectionOptions(response, persistence);
  if (!connection.empty()) AppendHeader("connection", connection, out);
  out += "\r\n";
  if (!is_head && HasContentLength(response.status)) out += response.body;
  return out;
}

std::string EncodeEventStreamHead(const std::vector<std::pair<std::string, std::string>>& headers,
                                  absl::string_view date) {
  std::string out = "HTTP/1.1 200 OK\r\n";
  if (!HasContentType(headers)) AppendHeader("content-type", "text/event-stream", out);
  AppendHeaders(headers, date, out);
  AppendHeader("connection", "close", out);
  out += "\r\n";
  return out;
}

}  // namespace livecounter::gateway::net
