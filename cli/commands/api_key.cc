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

std::string StateText(v1::ApiKey::State state) {
  return state == v1::ApiKey::STATE_UNSPECIFIED ? "" : v1::ApiKey::State_Name(state);
}

std::string Full(CommandRun& run, bool present, const google::protobuf::Timestamp& time) {
  return present ? FullTime(FromProto(time), run.now(), run.host().zone) : "";
}

std::string Relative(CommandRun& run, bool present, const google::protobuf::Timestamp& time) {
  return present ? RelativeTime(FromProto(time), run.now()) : "";
}

absl::Status ShowAnswer(CommandRun& run, const absl::StatusOr<v1::ApiKey>& key) {
  if (!key.ok()) return key.status();
  if (run.json()) {
    run.PrintJson(*key);
    return absl::OkStatus();
  }
  Sheet sheet;
  sheet.Add("name", ShortName(key->name()));
  sheet.Add("key", key->key());
  sheet.Add("state", StateText(key->state()));
  sheet.Add("created", Full(run, key->has_create_time(), key->create_time()));
  sheet.Add("revoked", Full(run, key->has_revoke_time(), key->revoke_time()));
  run.Print(sheet.ToString());
  return absl::OkStatus();
}

absl::Status Create(CommandRun& run) {
  absl::StatusOr<std::string> product = ProductName(run.Argument(0), run.settings().account);
  if (!product.ok()) return product.status();
  v1::CreateApiKeyRequest request;
  request.set_parent(*std::move(product));
  request.set_api_key_id(run.Argument(1));
  request.set_request_id(run.Text("request_id"));
  request.set_validate_only(run.IsTrue("validate_only"));
  absl::StatusOr<Client*> client = run.client();
  if (!client.ok()) return client.status();
  return ShowAnswer(run, (*client)->Call(&Admin::CreateApiKey, request));
}

absl::Status Get(CommandRun& run) {
  absl::StatusOr<std::string> name = ApiKeyName(run.Argument(0), run.settings().account);
  if (!name.ok()) return name.status();
  v1::GetApiKeyRequest request;
  request.set_name(*std::move(name));
  absl::StatusOr<Client*> client = run.client();
  if (!client.ok()) return client.status();
  return ShowAnswer(run, (*client)->Call(&Admin::GetApiKey, request));
}

std::vector<std::string> Row(CommandRun& run, const v1::ApiKey& key) {
  return {ShortName(key.name()), key.key(), StateText(key.state()),
          Relative(run, key.has_create_time(), key.create_time()),
          Relative(run, key.has_revoke_time(), key.revoke_time())};
}

absl::Status List(CommandRun& run) {
  absl::StatusOr<std::string> product = ProductName(run.Argument(0), run.settings().account);
  if (!product.ok()) return product.status();
  v1::ListApiKeysRequest request;
  request.set_parent(*std::move(product));
  return ShowPages(run, &Admin::ListApiKeys, &v1::ListApiKeysResponse::api_keys, request,
                   {{"NAME"}, {"KEY"}, {"STATE"}, {"CREATED"}, {"REVOKED"}},
                   [&run](const v1::ApiKey& key) { return Row(run, key); });
}

absl::Status Revoke(CommandRun& run) {
  const absl::StatusOr<std::string> name = ApiKeyName(run.Argument(0), run.settings().account);
  if (!name.ok()) return name.status();
  absl::Status sure = run.Confirm(absl::StrCat("Revoke the key ", ShortName(*name),
                                               " for ever? Pages that use it are disconnected."));
  if (!sure.ok()) return sure;
  v1::RevokeApiKeyRequest request;
  request.set_name(*name);
  absl::StatusOr<Client*> client = run.client();
  if (!client.ok()) return client.status();
  return ShowAnswer(run, (*client)->Call(&Admin::RevokeApiKey, request));
}

}  // namespace

std::vector<Command> ApiKeyCommands() {
  return {
      {.path = "key create",
       .summary = "Creates an API key: the string that a page names its product by.",
       .positionals = {ProductPositional(),
                       {.name = "KEY_ID",
                        .meaning = "What the key is called; made up where it is left out.",
                        .optional = true}},
       .flags = {RequestIdFlag(), ValidateOnlyFlag()},
       .examples = {{"A key, and nothing but its string",
                     "livecounterctl key create shop/web -o json | jq -r .key"}},
       .run = Create},
      {.path = "key list",
       .summary = "Lists a product's API keys, revoked ones too.",
       .positionals = {ProductPositional()},
       .flags = {LimitFlag(), PageTokenFlag()},
       .examples = {{"All keys of a product", "livecounterctl key list shop/web"}},
       .run = List},
      {.path = "key get",
       .summary = "Shows an API key.",
       .positionals = {KeyPositional()},
       .examples = {{"When it was made, and when revoked", "livecounterctl key get shop/web/k1"}},
       .run = Get},
      {.path = "key revoke",
       .summary = "Ends an API key for ever, and the connections that use it.",
       .positionals = {KeyPositional()},
       .flags = {YesFlag()},
       .examples = {{"A key that others copied", "livecounterctl key revoke shop/web/k1"}},
       .run = Revoke},
  };
}

}  // namespace livecounter::cli
