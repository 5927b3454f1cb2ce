// What customers copy into their pages, as the dashboard gives it (web/dashboard/src/state/snippets.ts).
// The number stands last in its line: nothing moves when it comes, however long it is. Pure; any thread.

#ifndef LIVECOUNTER_CLI_SNIPPETS_H_
#define LIVECOUNTER_CLI_SNIPPETS_H_

#include <string>

namespace livecounter::cli {

struct Embed {
  std::string gateways = {};  // where browsers reach them: "https://live.example.com"
  std::string key = {};
  std::string url_id = {};  // empty: the page's own address
  bool is_view_only = false;
  bool is_verified = false;  // then the page says who its visitor is
};

// Lines of HTML, each with a newline at its end.

// Shows who is here.
std::string PresenceSnippet(const Embed& embed);
// Shows a hit counter, and counts each time the page is loaded.
std::string ViewsSnippet(const std::string& gateways, const std::string& key,
                         const std::string& counter_id);

}  // namespace livecounter::cli

#endif  // LIVECOUNTER_CLI_SNIPPETS_H_
