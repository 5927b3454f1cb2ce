#include "gateway/console/edge_origin.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace livecounter::gateway::console {
namespace {

bool IsOfHost(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-';
}

bool IsOfIpv6(char c) {
  return absl::ascii_isxdigit(static_cast<unsigned char>(c)) || c == ':' || c == '.';
}

// Takes "live.example.com" or "[::1]" from the front of `text`; empty where there is neither.
absl::string_view ConsumeHost(absl::string_view* text) {
  const bool is_ipv6 = !text->empty() && text->front() == '[';
  const auto* const begin = text->begin() + (is_ipv6 ? 1 : 0);
  const auto* end = std::find_if_not(begin, text->end(), is_ipv6 ? IsOfIpv6 : IsOfHost);
  if (end == begin || (is_ipv6 && (end == text->end() || *end++ != ']'))) return "";
  const absl::string_view host = text->substr(0, end - text->begin());
  text->remove_prefix(host.size());
  return host;
}

// Whether `text` is nothing, or ":8080".
bool IsPort(absl::string_view text) {
  if (text.empty()) return true;
  if (!absl::ConsumePrefix(&text, ":") || text.empty() || text.size() > 5) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); });
}

}  // namespace

bool IsPublicUrl(absl::string_view text) {
  if (text.empty()) return true;
  if (!absl::ConsumePrefix(&text, "https://") && !absl::ConsumePrefix(&text, "http://")) {
    return false;
  }
  return !ConsumeHost(&text).empty() && IsPort(text);
}

EdgeOrigin::EdgeOrigin(std::string public_url, int http_port, bool own_tls)
    : public_url_(std::move(public_url)), http_port_(http_port), own_tls_(own_tls) {}

std::string EdgeOrigin::For(const Request& request) const {
  if (!public_url_.empty()) return public_url_;
  absl::string_view text = request.header("host").value_or("");
  const absl::string_view host = ConsumeHost(&text);
  if (host.empty() || !IsPort(text)) return "";
  return absl::StrCat(own_tls_ ? "https://" : "http://", host, ":", http_port_);
}

}  // namespace livecounter::gateway::console
