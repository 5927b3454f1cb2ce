#include "cli/settings.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "cli/global_flags.h"
#include "services/runtime/bearer_token.h"
#include "services/runtime/files.h"
#include "services/runtime/flags.h"

namespace livecounter::cli {
namespace {

constexpr size_t kMaxFlagFileBytes = 1 << 20;

// Values of the flags of every command, from one source each.
struct Sources {
  FlagValues line;
  FlagValues environment;
  FlagValues file;

  absl::optional<std::string> Find(absl::string_view flag) const {
    for (const FlagValues* values : {&line, &environment, &file}) {
      const auto found = values->find(flag);
      if (found != values->end()) return found->second;
    }
    return absl::nullopt;
  }
  std::string Text(absl::string_view flag) const { return Find(flag).value_or(""); }
};

absl::StatusOr<FlagValues> ReadEnvironment(const runtime::Environment& environment) {
  FlagValues values;
  for (const Flag& flag : GlobalFlags()) {
    const std::string variable = runtime::EnvironmentVariable(flag.name);
    const absl::optional<std::string> text = environment(variable);
    if (!text || text->empty()) continue;
    absl::StatusOr<std::string> value = CheckFlagValue(flag, variable, *text);
    if (!value.ok()) return value.status();
    values[flag.name] = *std::move(value);
  }
  return values;
}

absl::StatusOr<FlagValues> ReadFile(const CommandLine& line,
                                    const runtime::Environment& environment) {
  std::string path = environment(runtime::EnvironmentVariable("flagfile")).value_or("");
  if (const auto found = line.requests.find("flagfile"); found != line.requests.end()) {
    path = found->second;
  }
  if (path.empty()) return FlagValues{};
  absl::StatusOr<std::string> text = runtime::ReadSmallFile(path, kMaxFlagFileBytes);
  if (!text.ok()) return UsageError(absl::StrCat("--flagfile: ", text.status().message()));
  return ParseFlagFile(path, *text);
}

absl::StatusOr<Sources> ReadSources(const CommandLine& line, const Host& host) {
  absl::StatusOr<FlagValues> environment = ReadEnvironment(host.environment);
  if (!environment.ok()) return environment.status();
  absl::StatusOr<FlagValues> file = ReadFile(line, host.environment);
  if (!file.ok()) return file.status();
  return Sources{line.globals, *std::move(environment), *std::move(file)};
}

absl::Status ReadContexts(const Sources& sources, const runtime::Environment& environment,
                          Settings* settings) {
  const absl::optional<std::string> named = sources.Find("context");
  const absl::StatusOr<std::string> path = ContextsPath(environment);
  if (path.ok()) {
    settings->contexts_path = *path;
    absl::StatusOr<Contexts> contexts = LoadContexts(*path);
    if (!contexts.ok()) return contexts.status();
    settings->contexts = *std::move(contexts);
  }
  settings->context_was_named = named.has_value();
  settings->context_name = named.value_or(settings->contexts.current);
  return absl::OkStatus();
}

// An explicit token file wins over LIVECOUNTER_TOKEN, which wins over one from the environment or a
// file: what was typed last counts.
void ChooseToken(const Sources& sources, const runtime::Environment& environment,
                 const Context* context, Settings* settings) {
  const absl::optional<std::string> token = environment("LIVECOUNTER_TOKEN");
  const auto typed = sources.line.find("token_file");
  if (typed != sources.line.end()) {
    settings->token_file = typed->second;
  } else if (token && !token->empty()) {
    settings->token = *token;
  } else if (const absl::optional<std::string> file = sources.Find("token_file")) {
    settings->token_file = *file;
  } else if (context != nullptr) {
    settings->token = context->token;
    if (settings->token.empty()) settings->token_file = context->token_file;
  }
}

void ChooseTls(const Sources& sources, const Context* context, Settings* settings) {
  settings->tls_files = {.cert = sources.Text("tls_cert"),
                         .key = sources.Text("tls_key"),
                         .ca = sources.Text("tls_ca")};
  const absl::optional<std::string> tls = sources.Find("tls");
  settings->tls = tls == "true" || (!tls && settings->tls_files.enabled());
  if (context == nullptr || tls || settings->tls_files.enabled()) return;
  settings->tls = context->tls;
  settings->tls_files = context->tls_files;
}

// Of the form that a header takes; never said back.
absl::StatusOr<std::string> CheckToken(absl::string_view token) {
  token = absl::StripAsciiWhitespace(token);
  if (!token.empty() && absl::c_all_of(token, absl::ascii_isgraph)) return std::string(token);
  return UsageError(
      "LIVECOUNTER_TOKEN holds no token: that is one line of printable ASCII without blanks");
}

}  // namespace

absl::StatusOr<Settings> ResolveSettings(const CommandLine& line, const Host& host) {
  const absl::StatusOr<Sources> sources = ReadSources(line, host);
  if (!sources.ok()) return sources.status();
  Settings settings;
  if (absl::Status status = ReadContexts(*sources, host.environment, &settings); !status.ok()) {
    return status;
  }
  const auto found = settings.contexts.by_name.find(settings.context_name);
  const Context* context = found == settings.contexts.by_name.end() ? nullptr : &found->second;
  const absl::optional<std::string> server = sources->Find("server");
  if (context != nullptr && server && *server != context->server) context = nullptr;
  settings.uses_context = context != nullptr;
  settings.server = server.value_or(context != nullptr ? context->server : kDefaultServer);
  settings.account = sources->Find("account").value_or(context != nullptr ? context->account : "");
  if (context != nullptr) settings.url = context->url;
  settings.json = sources->Text("output") == "json";
  if (const absl::optional<std::string> text = sources->Find("timeout")) {
    absl::Duration timeout;
    if (absl::ParseDuration(*text, &timeout)) settings.timeout = timeout;
  }
  ChooseToken(*sources, host.environment, context, &settings);
  ChooseTls(*sources, context, &settings);
  return settings;
}

absl::StatusOr<std::string> ResolveToken(const Settings& settings) {
  if (!settings.token.empty()) return CheckToken(settings.token);
  if (!settings.token_file.empty()) {
    absl::StatusOr<std::string> token = runtime::LoadToken(settings.token_file);
    if (token.ok()) return token;
    return absl::UnauthenticatedError(
        absl::StrCat("--token_file: ", token.status().message(),
                     "\nThe server writes the operator's token to <data_dir>/admin-token, readable "
                     "by its own user."));
  }
  const bool exists = settings.contexts.by_name.count(settings.context_name) != 0;
  if (settings.context_was_named && !exists) {
    return UsageError(absl::StrCat("there is no context ", settings.context_name,
                                   "; `livecounterctl context list` shows those there are"));
  }
  const bool other_server = exists && !settings.uses_context;
  return absl::UnauthenticatedError(absl::StrCat(
      "no token to call ", settings.server, " with",
      other_server
          ? absl::StrCat(" (the context ", settings.context_name, " belongs to another server)")
          : "",
      "\nOperators: --token_file=data/admin-token, which the server writes to its --data_dir.\n"
      "Customers: livecounterctl signin EMAIL"));
}

}  // namespace livecounter::cli
