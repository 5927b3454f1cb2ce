#include "cli/snippets.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace livecounter::cli {
namespace {

// An attribute's value.
std::string Quoted(const std::string& text) {
  return absl::StrCat(
      "\"", absl::StrReplaceAll(text, {{"&", "&amp;"}, {"\"", "&quot;"}, {"<", "&lt;"}}), "\"");
}

std::string ClientScript(const std::string& gateways) {
  return absl::StrCat("<script src=", Quoted(absl::StrCat(gateways, "/client.js")),
                      " defer></script>\n");
}

}  // namespace

std::string PresenceSnippet(const Embed& embed) {
  std::string attributes = absl::StrCat("key=", Quoted(embed.key));
  if (!embed.url_id.empty()) absl::StrAppend(&attributes, " url-id=", Quoted(embed.url_id));
  if (embed.is_view_only) {
    absl::StrAppend(&attributes, " view-only");
  } else if (embed.is_verified) {
    absl::StrAppend(&attributes, " p-id=\"YOUR-VISITORS-SESSION-ID\"");
  }
  return absl::StrCat(ClientScript(embed.gateways), "<p>People here now: <live-counter ",
                      attributes, ">–</live-counter></p>\n");
}

std::string ViewsSnippet(const std::string& gateways, const std::string& key,
                         const std::string& counter_id) {
  return absl::StrCat(ClientScript(gateways), "<p>Views: <live-counter key=", Quoted(key),
                      " counter=", Quoted(counter_id), " hit>–</live-counter></p>\n");
}

}  // namespace livecounter::cli
