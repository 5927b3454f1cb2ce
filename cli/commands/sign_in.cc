#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/client.h"
#include "cli/commands/commands.h"
#include "cli/commands/shared.h"
#include "cli/names.h"
#include "cli/proto_times.h"
#include "cli/run.h"
#include "cli/secrets.h"
#include "cli/table.h"
#include "cli/times.h"

namespace livecounter::cli {
namespace {

using Admin = v1::AdminService::Stub;

constexpr char kDefaultContext[] = "default";

std::string Expiry(CommandRun& run, const v1::Session& session) {
  return session.has_expire_time()
             ? FullTime(FromProto(session.expire_time()), run.now(), run.host().zone)
             : "";
}

void Show(CommandRun& run, v1::Session session) {
  session.clear_token();
  if (run.json()) return run.PrintJson(session);
  Sheet sheet;
  sheet.Add("server", run.settings().server);
  sheet.Add("context", run.settings().context_name);
  sheet.Add("account", ShortName(session.account()));
  sheet.Add("operator", session.operator_() ? "yes" : "");
  sheet.Add("until", Expiry(run, session));
  run.Print(sheet.ToString());
}

// The context that a session is kept in: the one that is in use, or a new one.
absl::StatusOr<std::string> ContextForSession(const Settings& settings) {
  if (settings.contexts_path.empty()) {
    return absl::FailedPreconditionError(
        "cannot tell where to keep the session: neither XDG_CONFIG_HOME nor HOME is set");
  }
  std::string name = settings.context_name.empty() ? kDefaultContext : settings.context_name;
  const auto found = settings.contexts.by_name.find(name);
  if (found == settings.contexts.by_name.end() || found->second.server == settings.server) {
    return name;
  }
  return UsageError(absl::StrCat("the context ", name, " belongs to ", found->second.server,
                                 ", not to ", settings.server,
                                 "; name another one with --context=NAME"));
}

absl::Status KeepSession(const Settings& settings, const std::string& name,
                         const v1::Session& session) {
  Contexts contexts = settings.contexts;
  Context& context = contexts.by_name[name];
  context.server = settings.server;
  context.token = session.token();
  context.token_file.clear();
  context.account = ShortName(session.account());
  context.tls = settings.tls;
  context.tls_files = settings.tls_files;
  contexts.current = name;
  return SaveContexts(settings.contexts_path, contexts);
}

// Signs up or in, and keeps the session. `context` is asked for before the password is.
template <typename Request>
absl::Status Begin(CommandRun& run,
                   grpc::Status (Admin::*method)(grpc::ClientContext*, const Request&,
                                                 v1::Session*),
                   Request request, bool new_password) {
  const absl::StatusOr<std::string> context = ContextForSession(run.settings());
  if (!context.ok()) return context.status();
  absl::StatusOr<std::string> password = ReadSecret({.flag = "password_file",
                                                     .file = run.Text("password_file"),
                                                     .prompt = "Password",
                                                     .twice = new_password},
                                                    run.host());
  if (!password.ok()) return password.status();
  request.set_email(run.Argument(0));
  request.set_password(*std::move(password));
  const absl::StatusOr<std::unique_ptr<Client>> client = run.AnonymousClient();
  if (!client.ok()) return client.status();
  const absl::StatusOr<v1::Session> session = (*client)->Call(method, request);
  if (!session.ok()) return session.status();
  if (absl::Status status = KeepSession(run.settings(), *context, *session); !status.ok()) {
    return status;
  }
  run.Note(absl::StrCat("signed in to ", run.settings().server, " as ",
                        ShortName(session->account()), "; kept in the context ", *context));
  if (run.json()) Show(run, *session);
  return absl::OkStatus();
}

absl::Status SignUp(CommandRun& run) {
  v1::SignUpRequest request;
  request.set_display_name(run.Text("display_name"));
  return Begin(run, &Admin::SignUp, request, /*new_password=*/true);
}

absl::Status SignIn(CommandRun& run) {
  return Begin(run, &Admin::SignIn, v1::SignInRequest(), /*new_password=*/false);
}

absl::Status ForgetSession(const Settings& settings) {
  const auto found = settings.contexts.by_name.find(settings.context_name);
  if (!settings.uses_context || found->second.token != settings.token) return absl::OkStatus();
  Contexts contexts = settings.contexts;
  contexts.by_name[settings.context_name].token.clear();
  return SaveContexts(settings.contexts_path, contexts);
}

absl::Status SignOut(CommandRun& run) {
  absl::StatusOr<Client*> client = run.client();
  if (!client.ok()) return client.status();
  absl::Status ended = (*client)->Call(&Admin::SignOut, v1::SignOutRequest()).status();
  // A session that the server does not know any more is to be forgotten too.
  if (!ended.ok() && !absl::IsUnauthenticated(ended)) return ended;
  if (absl::Status status = ForgetSession(run.settings()); !status.ok()) return status;
  run.Note(absl::StrCat("signed out of ", run.settings().server));
  return absl::OkStatus();
}

absl::Status WhoAmI(CommandRun& run) {
  absl::StatusOr<Client*> client = run.client();
  if (!client.ok()) return client.status();
  const absl::StatusOr<v1::Session> session =
      (*client)->Call(&Admin::GetSession, v1::GetSessionRequest());
  if (session.ok()) Show(run, *session);
  return session.status();
}

absl::Status Password(CommandRun& run) {
  v1::SetPasswordRequest request;
  absl::StatusOr<Client*> client = run.client();
  if (!client.ok()) return client.status();
  const absl::StatusOr<v1::Session> session =
      (*client)->Call(&Admin::GetSession, v1::GetSessionRequest());
  if (!session.ok()) return session.status();
  if (session->operator_() || !run.Argument(0).empty()) {
    absl::StatusOr<std::string> name = AccountName(run.Argument(0), run.settings().account);
    if (!name.ok()) return name.status();
    request.set_name(*std::move(name));
  }
  if (!session->operator_()) {
    absl::StatusOr<std::string> current = ReadSecret({.flag = "current_password_file",
                                                      .file = run.Text("current_password_file"),
                                                      .prompt = "Current password"},
                                                     run.host());
    if (!current.ok()) return current.status();
    request.set_current_password(*std::move(current));
  }
  absl::StatusOr<std::string> password = ReadSecret({.flag = "password_file",
                                                     .file = run.Text("password_file"),
                                                     .prompt = "New password",
                                                     .twice = true},
                                                    run.host());
  if (!password.ok()) return password.status();
  request.set_new_password(*std::move(password));
  return run.Done((*client)->Call(&Admin::SetPassword, request),
                  "the password is set; other sessions have ended");
}

Flag PasswordFileFlag() {
  return {.name = "password_file",
          .type = FlagType::kFile,
          .meaning =
              "A file whose first line is the password, or - for standard input; asked for in "
              "the terminal where it is not given."};
}

Positional EmailPositional() { return {.name = "EMAIL", .meaning = "The account's e-mail."}; }

}  // namespace

std::vector<Command> SignInCommands() {
  return {
      {.path = "signup",
       .summary = "Creates an account of your own, and signs in.",
       .description =
           "The account shows example data until an operator activates it. The session is "
           "kept in the current context, or in a new one called default.",
       .positionals = {EmailPositional()},
       .flags = {PasswordFileFlag(),
                 {.name = "display_name", .value_name = "TEXT", .meaning = "For people."}},
       .examples = {{"Asks for a password of 10 to 256 bytes",
                     "livecounterctl signup owner@shop.example --display_name='The Shop'"}},
       .run = SignUp},
      {.path = "signin",
       .summary = "Signs in, and keeps the session in the context.",
       .description =
           "Whatever is called afterwards speaks for the account, until `signout` or until "
           "the session ends.",
       .positionals = {EmailPositional()},
       .flags = {PasswordFileFlag()},
       .examples = {{"Asks for the password", "livecounterctl signin owner@shop.example"},
                    {"In a script",
                     "livecounterctl signin owner@shop.example --password_file=- <secret"},
                    {"To another server, in a context of its own",
                     "livecounterctl signin owner@shop.example --server=counter.example:9090 --tls "
                     "--context=example"}},
       .run = SignIn},
      {.path = "signout",
       .summary = "Ends the session, and forgets it.",
       .examples = {{"At the end of the day", "livecounterctl signout"}},
       .run = SignOut},
      {.path = "whoami",
       .summary = "Shows whom you speak for, and where.",
       .examples = {{"Which account is this?", "livecounterctl whoami"}},
       .run = WhoAmI},
      {.path = "password",
       .summary = "Sets a new password, and ends other sessions.",
       .description =
           "One's own takes the current one too. Operators may reset that of any account.",
       .positionals = {AccountPositional(/*optional=*/true)},
       .flags = {{.name = "current_password_file",
                  .type = FlagType::kFile,
                  .meaning =
                      "As --password_file, of the current one; from standard input it is read "
                      "first."},
                 PasswordFileFlag()},
       .examples = {{"One's own", "livecounterctl password"},
                    {"A customer's, who forgot it", "livecounterctl password shop"}},
       .run = Password},
  };
}

}  // namespace livecounter::cli
