#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/client.h"
#include "cli/commands/commands.h"
#include "cli/commands/list.h"
#include "cli/commands/shared.h"
#include "cli/names.h"
#include "cli/proto_times.h"
#include "cli/run.h"
#include "cli/table.h"
#include "cli/times.h"

namespace livecounter::cli {
namespace {

using Admin = v1::AdminService::Stub;

std::string StateText(v1::Account::State state) {
  return state == v1::Account::STATE_UNSPECIFIED ? "" : v1::Account::State_Name(state);
}

std::string Created(CommandRun& run, const v1::Account& account) {
  return account.has_create_time()
             ? FullTime(FromProto(account.create_time()), run.now(), run.host().zone)
             : "";
}

void Show(CommandRun& run, const v1::Account& account) {
  if (run.json()) return run.PrintJson(account);
  Sheet sheet;
  sheet.Add("account", ShortName(account.name()));
  sheet.Add("display name", account.display_name());
  sheet.Add("e-mail", account.email());
  sheet.Add("state", StateText(account.state()));
  sheet.Add("created", Created(run, account));
  sheet.Add("etag", account.etag());
  run.Print(sheet.ToString());
}

absl::Status ShowAnswer(CommandRun& run, const absl::StatusOr<v1::Account>& account) {
  if (account.ok()) Show(run, *account);
  return account.status();
}

// An account's name from the argument, or the default account.
absl::StatusOr<std::string> Name(CommandRun& run) {
  return AccountName(run.Argument(0), run.settings().account);
}

absl::Status Create(CommandRun& run) {
  v1::CreateAccountRequest request;
  request.set_account_id(run.Argument(0));
  request.mutable_account()->set_display_name(run.Text("display_name"));
  request.mutable_account()->set_email(run.Text("email"));
  request.set_request_id(run.Text("request_id"));
  request.set_validate_only(run.IsTrue("validate_only"));
  absl::StatusOr<Client*> client = run.client();
  if (!client.ok()) return client.status();
  return ShowAnswer(run, (*client)->Call(&Admin::CreateAccount, request));
}

// Get, activate and deactivate: a name goes out, an account comes back.
template <typename Request>
absl::Status CallByName(CommandRun& run,
                        grpc::Status (Admin::*method)(grpc::ClientContext*, const Request&,
                                                      v1::Account*)) {
  absl::StatusOr<std::string> name = Name(run);
  if (!name.ok()) return name.status();
  Request request;
  request.set_name(*std::move(name));
  absl::StatusOr<Client*> client = run.client();
  if (!client.ok()) return client.status();
  return ShowAnswer(run, (*client)->Call(method, request));
}

absl::Status Get(CommandRun& run) { return CallByName(run, &Admin::GetAccount); }
absl::Status Activate(CommandRun& run) { return CallByName(run, &Admin::ActivateAccount); }
absl::Status Deactivate(CommandRun& run) { return CallByName(run, &Admin::DeactivateAccount); }

std::vector<std::string> Row(CommandRun& run, const v1::Account& account) {
  return {
      ShortName(account.name()), StateText(account.state()), account.email(),
      account.display_name(),
      account.has_create_time() ? RelativeTime(FromProto(account.create_time()), run.now()) : ""};
}

absl::Status List(CommandRun& run) {
  return ShowPages(run, &Admin::ListAccounts, &v1::ListAccountsResponse::accounts,
                   v1::ListAccountsRequest(),
                   {{"ACCOUNT"}, {"STATE"}, {"E-MAIL"}, {"DISPLAY NAME"}, {"CREATED"}},
                   [&run](const v1::Account& account) { return Row(run, account); });
}

absl::Status Update(CommandRun& run) {
  absl::StatusOr<std::string> name = Name(run);
  if (!name.ok()) return name.status();
  v1::UpdateAccountRequest request;
  request.mutable_account()->set_name(*std::move(name));
  request.mutable_account()->set_etag(run.Text("etag"));
  request.mutable_account()->set_display_name(run.Text("display_name"));
  request.mutable_account()->set_email(run.Text("email"));
  for (const char* field : {"display_name", "email"}) {
    if (run.Has(field)) request.mutable_update_mask()->add_paths(field);
  }
  if (request.update_mask().paths().empty()) {
    return UsageError(
        "nothing to change was given; `account update` takes --display_name, --email");
  }
  request.set_validate_only(run.IsTrue("validate_only"));
  absl::StatusOr<Client*> client = run.client();
  if (!client.ok()) return client.status();
  return ShowAnswer(run, (*client)->Call(&Admin::UpdateAccount, request));
}

absl::Status Delete(CommandRun& run) {
  const absl::StatusOr<std::string> name = AccountName(run.Argument(0), "");
  if (!name.ok()) return name.status();
  v1::DeleteAccountRequest request;
  request.set_name(*name);
  request.set_etag(run.Text("etag"));
  request.set_force(run.IsTrue("force"));
  request.set_validate_only(run.IsTrue("validate_only"));
  absl::Status sure =
      run.Confirm(absl::StrCat("Delete the account ", ShortName(*name),
                               run.IsTrue("force") ? " with all its products" : "", " for ever?"));
  if (!sure.ok()) return sure;
  absl::StatusOr<Client*> client = run.client();
  if (!client.ok()) return client.status();
  return run.Done((*client)->Call(&Admin::DeleteAccount, request),
                  absl::StrCat("deleted ", ShortName(*name)));
}

std::vector<Flag> ProfileFlags() {
  return {{.name = "display_name", .value_name = "TEXT", .meaning = "For people."},
          {.name = "email", .value_name = "ADDRESS", .meaning = "Who may sign in."}};
}

std::vector<Flag> WithProfile(const std::vector<Flag>& more) {
  std::vector<Flag> flags = ProfileFlags();
  flags.insert(flags.end(), more.begin(), more.end());
  return flags;
}

}  // namespace

std::vector<Command> AccountCommands() {
  return {
      {.path = "account create",
       .summary = "Creates an account, inactive.",
       .description = "For operators. A customer creates an account of their own with `signup`.",
       .positionals = {{.name = "ID",
                        .meaning = "1 to 64 letters, digits, - _ . or ~; made up where it is left "
                                   "out.",
                        .optional = true}},
       .flags = WithProfile({RequestIdFlag(), ValidateOnlyFlag()}),
       .examples = {{"An account for a customer",
                     "livecounterctl account create shop --display_name='The Shop' "
                     "--email=owner@shop.example"}},
       .run = Create},
      {.path = "account get",
       .summary = "Shows an account.",
       .positionals = {AccountPositional(/*optional=*/true)},
       .examples = {{"Its state, for a script",
                     "livecounterctl account get demo -o json | jq -r .state"}},
       .run = Get},
      {.path = "account list",
       .summary = "Lists accounts: all for operators, else one's own.",
       .flags = {LimitFlag(), PageTokenFlag()},
       .examples = {{"Everybody", "livecounterctl account list"}},
       .run = List},
      {.path = "account update",
       .summary = "Changes an account's display name or e-mail.",
       .positionals = {AccountPositional(/*optional=*/true)},
       .flags = WithProfile({EtagFlag(), ValidateOnlyFlag()}),
       .examples = {{"Another e-mail to sign in with",
                     "livecounterctl account update shop --email=new@shop.example"}},
       .run = Update},
      {.path = "account activate",
       .summary = "From now on the account's numbers are real.",
       .description = "For operators. Doing it again changes nothing.",
       .positionals = {AccountPositional(/*optional=*/false)},
       .examples = {{"After the contract is signed", "livecounterctl account activate shop"}},
       .run = Activate},
      {.path = "account deactivate",
       .summary = "From now on the account's numbers are example data.",
       .description =
           "For operators. POSTs of its pages are not counted any more, open pages stay connected, "
           "and nothing is deleted. Doing it again changes nothing.",
       .positionals = {AccountPositional(/*optional=*/false)},
       .examples = {{"Until the bill is paid", "livecounterctl account deactivate shop"}},
       .run = Deactivate},
      {.path = "account delete",
       .summary = "Deletes an account for ever.",
       .description = "For operators. Refused while the account has products, unless --force.",
       .positionals = {AccountPositional(/*optional=*/false)},
       .flags = {{.name = "force",
                  .type = FlagType::kBool,
                  .meaning = "Its products, their keys and their counters too."},
                 EtagFlag(),
                 ValidateOnlyFlag(),
                 YesFlag()},
       .examples = {{"With all that it has, without being asked",
                     "livecounterctl account delete shop --force --yes"}},
       .run = Delete},
  };
}

}  // namespace livecounter::cli
