#include <filesystem>
#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/commands/commands.h"
#include "cli/contexts.h"
#include "cli/gateway_url.h"
#include "cli/names.h"
#include "cli/run.h"
#include "cli/table.h"
#include "cli/text.h"
#include "nlohmann/json.hpp"

namespace livecounter::cli {
namespace {

absl::Status Save(const CommandRun& run, const Contexts& contexts) {
  if (run.settings().contexts_path.empty()) {
    return absl::FailedPreconditionError(
        "cannot tell where contexts are kept: neither XDG_CONFIG_HOME nor HOME is set");
  }
  return SaveContexts(run.settings().contexts_path, contexts);
}

absl::Status Unknown(const std::string& name, const Contexts& contexts) {
  const std::string names = absl::StrJoin(
      contexts.by_name, ", ", [](std::string* out, const auto& each) { out->append(each.first); });
  return UsageError(absl::StrCat("there is no context ", Printable(name), "; there ",
                                 names.empty() ? "is none yet" : absl::StrCat("are ", names)));
}

std::string Credentials(const Context& context) {
  if (!context.token.empty()) return "session";
  return context.token_file.empty() ? "none" : context.token_file;
}

// Without tokens.
void ShowJson(CommandRun& run, const Contexts& contexts) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& [name, context] : contexts.by_name) {
    list.push_back({{"name", name},
                    {"current", name == contexts.current},
                    {"server", context.server},
                    {"account", context.account},
                    {"url", context.url},
                    {"signedIn", !context.token.empty()},
                    {"tokenFile", context.token_file},
                    {"tls", context.tls}});
  }
  run.Print(absl::StrCat(nlohmann::ordered_json({{"contexts", list}}).dump(2), "\n"));
}

absl::Status List(CommandRun& run) {
  const Contexts& contexts = run.settings().contexts;
  if (run.json()) {
    ShowJson(run, contexts);
    return absl::OkStatus();
  }
  Table table({{""}, {"CONTEXT"}, {"SERVER"}, {"ACCOUNT"}, {"TOKEN"}, {"TLS"}, {"GATEWAYS"}});
  for (const auto& [name, context] : contexts.by_name) {
    table.AddRow({name == contexts.current ? "*" : "", name, context.server, context.account,
                  Credentials(context), context.tls ? "yes" : "no", context.url});
  }
  run.Print(table.ToString());
  return absl::OkStatus();
}

absl::Status Use(CommandRun& run) {
  Contexts contexts = run.settings().contexts;
  const std::string& name = run.Argument(0);
  if (!contexts.by_name.contains(name)) return Unknown(name, contexts);
  contexts.current = name;
  if (absl::Status status = Save(run, contexts); !status.ok()) return status;
  run.Note(absl::StrCat("now in the context ", name));
  return absl::OkStatus();
}

bool IsContextName(absl::string_view name) {
  return !name.empty() && name.size() <= 64 && absl::c_all_of(name, [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.';
  });
}

// As an absolute path: the context is used from other folders too.
std::string AbsolutePath(CommandRun& run, const std::string& path) {
  if (path.empty()) return "";
  return (std::filesystem::path(run.host().working_folder) / path).lexically_normal().string();
}

// What was given goes into the context; the rest stays as it is.
absl::Status Fill(CommandRun& run, Context* context) {
  const FlagValues& given = run.line().globals;
  const auto text = [&given](absl::string_view flag) {
    const auto found = given.find(flag);
    return found == given.end() ? std::string() : found->second;
  };
  const bool moves = given.contains("server") && text("server") != context->server;
  if (moves) context->token.clear();  // it is the other server's
  if (given.contains("server")) context->server = text("server");
  if (context->server.empty()) {
    context->server = run.host().environment("LIVECOUNTER_SERVER").value_or(kDefaultServer);
  }
  if (given.contains("token_file")) {
    context->token_file = AbsolutePath(run, text("token_file"));
    context->token.clear();
  }
  if (given.contains("account")) {
    const absl::StatusOr<std::string> account = AccountName(text("account"), "");
    if (!account.ok()) return account.status();
    context->account = ShortName(*account);
  }
  if (run.Has("url")) {
    absl::StatusOr<std::string> url = CheckGatewayUrl(run.Text("url"));
    if (!url.ok()) return url.status();
    context->url = *std::move(url);
  }
  for (const auto& [flag, path] : {std::pair("tls_ca", &context->tls_files.ca),
                                   std::pair("tls_cert", &context->tls_files.cert),
                                   std::pair("tls_key", &context->tls_files.key)}) {
    if (given.contains(flag)) *path = AbsolutePath(run, text(flag));
  }
  if (given.contains("tls")) context->tls = text("tls") == "true";
  context->tls |= context->tls_files.enabled();
  return absl::OkStatus();
}

absl::Status Set(CommandRun& run) {
  const std::string& name = run.Argument(0);
  if (!IsContextName(name)) {
    return UsageError(absl::StrCat("NAME got \"", Printable(name),
                                   "\"; it takes 1 to 64 letters, digits, - _ or ."));
  }
  Contexts contexts = run.settings().contexts;
  if (absl::Status status = Fill(run, &contexts.by_name[name]); !status.ok()) return status;
  if (contexts.current.empty()) contexts.current = name;
  if (absl::Status status = Save(run, contexts); !status.ok()) return status;
  run.Note(absl::StrCat("the context ", name, " is set",
                        contexts.current == name ? ", and current" : ""));
  return absl::OkStatus();
}

absl::Status Delete(CommandRun& run) {
  Contexts contexts = run.settings().contexts;
  const std::string& name = run.Argument(0);
  if (contexts.by_name.erase(name) == 0) return Unknown(name, contexts);
  if (contexts.current == name) contexts.current.clear();
  if (absl::Status status = Save(run, contexts); !status.ok()) return status;
  run.Note(absl::StrCat("deleted the context ", name));
  return absl::OkStatus();
}

Positional NamePositional() { return {.name = "NAME", .meaning = "What the context is called."}; }

}  // namespace

std::vector<Command> ContextCommands() {
  return {
      {.path = "context list",
       .summary = "Lists contexts: named servers, and who you are there.",
       .description =
           "They are kept in ~/.config/livecounter/contexts.json, which only you can read.",
       .examples = {{"The current one has a star", "livecounterctl context list"}},
       .run = List},
      {.path = "context use",
       .summary = "Makes a context the current one.",
       .description =
           "--context=NAME, or LIVECOUNTER_CONTEXT, does so for one command or one shell.",
       .positionals = {NamePositional()},
       .examples = {{"From now on", "livecounterctl context use production"},
                    {"Once", "livecounterctl --context=production account list"}},
       .run = Use},
      {.path = "context set",
       .summary = "Creates a context, or changes what is given of it.",
       .description = "Takes --server, --token_file, --account and the TLS flags; paths are kept "
                      "absolute. The first context becomes the current one.",
       .positionals = {NamePositional()},
       .flags = {{.name = "url",
                  .value_name = "URL",
                  .meaning =
                      "Where browsers reach the gateways, for `product snippet` and `try`."}},
       .examples =
           {{"The operator of this machine",
             "livecounterctl context set local --token_file=data/admin-token --account=demo"},
            {"A server with TLS",
             "livecounterctl context set production --server=counter.example:9090 --tls "
             "--url=https://live.example.com"}},
       .run = Set},
      {.path = "context delete",
       .summary = "Forgets a context, with its session.",
       .positionals = {NamePositional()},
       .examples = {{"One of old", "livecounterctl context delete staging"}},
       .run = Delete},
  };
}

}  // namespace livecounter::cli
