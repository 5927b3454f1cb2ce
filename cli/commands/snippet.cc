#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/client.h"
#include "cli/commands/commands.h"
#include "cli/commands/shared.h"
#include "cli/gateway_url.h"
#include "cli/names.h"
#include "cli/proto_times.h"
#include "cli/run.h"
#include "cli/snippets.h"
#include "cli/text.h"
#include "nlohmann/json.hpp"

namespace livecounter::cli {
namespace {

using Admin = v1::AdminService::Stub;

// Of the product's good keys that with the id, or the string, of --key; the newest where it is not given.
absl::StatusOr<std::string> ChooseKey(CommandRun& run, Client& client, const std::string& product) {
  v1::ListApiKeysRequest request;
  request.set_parent(product);
  const absl::StatusOr<v1::ListApiKeysResponse> keys =
      client.List(&Admin::ListApiKeys, &v1::ListApiKeysResponse::api_keys, request, /*limit=*/0);
  if (!keys.ok()) return keys.status();
  const std::string& wanted = run.Text("key");
  const std::string name = absl::StrCat(product, "/keys/", wanted);
  const v1::ApiKey* chosen = nullptr;
  for (const v1::ApiKey& key : keys->api_keys()) {
    if (key.state() != v1::ApiKey::ACTIVE) continue;
    if (!wanted.empty() && key.name() != name && key.key() != wanted) continue;
    const bool is_newer =
        chosen == nullptr || FromProto(key.create_time()) > FromProto(chosen->create_time());
    if (is_newer) chosen = &key;
  }
  if (chosen != nullptr) return chosen->key();
  return absl::FailedPreconditionError(absl::StrCat(
      ShortName(product), " has no good API key",
      wanted.empty() ? "" : absl::StrCat(" ", Printable(wanted)), "\n`livecounterctl key create ",
      ShortName(product), "` makes one, `livecounterctl key list` shows those there are."));
}

// What else the page needs before it shows real numbers.
void NoteWhatIsLeft(CommandRun& run, const v1::Product& product, const Embed& embed) {
  if (product.allowed_origins().empty()) {
    run.Note(absl::StrCat("No page may use it yet: livecounterctl product update ",
                          ShortName(product.name()), " --allowed_origins=https://YOUR-SITE"));
  }
  if (embed.is_verified && !embed.is_view_only && !run.Has("counter")) {
    run.Note("Visitors are verified: p-id takes what your endpoint knows a visitor by.");
  }
}

absl::Status Snippet(CommandRun& run) {
  absl::StatusOr<std::string> name = ProductName(run.Argument(0), run.settings().account);
  if (!name.ok()) return name.status();
  if (run.Has("counter") && (run.Has("url_id") || run.Has("view_only"))) {
    return UsageError("--counter shows hits; --url_id and --view_only are about who is here");
  }
  absl::StatusOr<std::string> gateways = GatewayUrl(run);
  if (!gateways.ok()) return gateways.status();
  absl::StatusOr<Client*> client = run.client();
  if (!client.ok()) return client.status();
  v1::GetProductRequest request;
  request.set_name(*name);
  const absl::StatusOr<v1::Product> product = (*client)->Call(&Admin::GetProduct, request);
  if (!product.ok()) return product.status();
  absl::StatusOr<std::string> key = ChooseKey(run, **client, *name);
  if (!key.ok()) return key.status();
  const Embed embed = {.gateways = *std::move(gateways),
                       .key = *std::move(key),
                       .url_id = run.Text("url_id"),
                       .is_view_only = run.IsTrue("view_only"),
                       .is_verified = product->verification().enabled()};
  const std::string html = run.Has("counter")
                               ? ViewsSnippet(embed.gateways, embed.key, run.Text("counter"))
                               : PresenceSnippet(embed);
  if (run.json()) {
    const nlohmann::ordered_json json = {
        {"url", embed.gateways}, {"key", embed.key}, {"html", html}};
    run.Print(absl::StrCat(
        json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace), "\n"));
  } else {
    run.Print(html);
  }
  NoteWhatIsLeft(run, *product, embed);
  return absl::OkStatus();
}

}  // namespace

std::vector<Command> SnippetCommands() {
  return {
      {.path = "product snippet",
       .summary = "Prints the lines of HTML that put a product's number into a page.",
       .description = "The same that the dashboard gives: they load the browser client from the "
                      "gateways, and show the number where they stand. Who has the page open is "
                      "counted.",
       .positionals = {ProductPositional()},
       .flags = {GatewayUrlFlag(),
                 {.name = "key",
                  .value_name = "KEY",
                  .meaning =
                      "Which of the product's good API keys, by its id or its string; the newest "
                      "where it is not given."},
                 {.name = "url_id",
                  .value_name = "ID",
                  .meaning = "What is counted, such as product-17; the page's own address where it "
                             "is not given."},
                 {.name = "view_only",
                  .type = FlagType::kBool,
                  .meaning = "Show the number without being counted."},
                 {.name = "counter",
                  .value_name = "ID",
                  .meaning =
                      "Show this hit counter instead, and count each time the page is loaded."}},
       .examples = {{"For a page of its own",
                     "livecounterctl product snippet shop/web --url=https://live.example.com"},
                    {"For a list that only looks",
                     "livecounterctl product snippet shop/web --url_id=product-17 --view_only"},
                    {"How often a page was seen",
                     "livecounterctl product snippet shop/web --counter=front-page"}},
       .run = Snippet},
  };
}

}  // namespace livecounter::cli
