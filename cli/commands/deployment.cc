#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "cli/client.h"
#include "cli/commands/commands.h"
#include "cli/gateway_url.h"
#include "cli/http.h"
#include "cli/run.h"
#include "cli/text.h"
#include "cli/viewers.h"
#include "services/runtime/random.h"

namespace livecounter::cli {
namespace {

using Admin = v1::AdminService::Stub;

constexpr absl::Duration kHealthPatience = absl::Seconds(5);
constexpr absl::Duration kTryPatience = absl::Seconds(30);
constexpr int64_t kMaxViewers = 1000;

absl::Status Health(CommandRun& run) {
  const std::string url =
      absl::StrCat("http://", run.Argument(0), run.IsTrue("alive") ? "/healthz" : "/readyz");
  const absl::StatusOr<HttpAnswer> answer =
      HttpGet(url, run.settings().timeout.value_or(kHealthPatience));
  if (!answer.ok()) return answer.status();
  if (answer->status == 200) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat(url, ": status ", answer->status, ": ",
                   Printable(absl::StripTrailingAsciiWhitespace(answer->body))));
}

absl::Status Wait(CommandRun& run) {
  absl::Duration duration;
  if (!absl::ParseDuration(run.Argument(0), &duration) || duration < absl::ZeroDuration() ||
      duration == absl::InfiniteDuration()) {
    return UsageError(
        absl::StrCat("`wait` got \"", run.Argument(0), "\"; it takes a duration, as 5s"));
  }
  run.host().sleep(duration);
  return absl::OkStatus();
}

// An account with a product and an API key, for a trial; gone again with Delete().
class TrialAccount {
 public:
  TrialAccount(Client& client, const std::string& id) : client_(client), id_(id) {}

  // The API key.
  absl::StatusOr<std::string> Create() {
    v1::CreateAccountRequest account;
    account.set_account_id(id_);
    account.mutable_account()->set_display_name("livecounterctl try");
    if (const auto made = client_.Call(&Admin::CreateAccount, account); !made.ok()) {
      return made.status();
    }
    v1::ActivateAccountRequest activation;
    activation.set_name(Name());
    if (const auto active = client_.Call(&Admin::ActivateAccount, activation); !active.ok()) {
      return active.status();
    }
    v1::CreateProductRequest product;
    product.set_parent(Name());
    product.set_product_id(kProduct);
    if (const auto made = client_.Call(&Admin::CreateProduct, product); !made.ok()) {
      return made.status();
    }
    v1::CreateApiKeyRequest request;
    request.set_parent(absl::StrCat(Name(), "/products/", kProduct));
    const absl::StatusOr<v1::ApiKey> key = client_.Call(&Admin::CreateApiKey, request);
    if (!key.ok()) return key.status();
    return key->key();
  }

  absl::Status Delete() {
    v1::DeleteAccountRequest request;
    request.set_name(Name());
    request.set_force(true);
    return client_.Call(&Admin::DeleteAccount, request).status();
  }

 private:
  static constexpr char kProduct[] = "try";
  std::string Name() const { return absl::StrCat("accounts/", id_); }

  Client& client_;
  const std::string id_;
};

absl::Status TryWithKey(CommandRun& run, const std::string& key, const std::string& page) {
  const int64_t viewers = run.Has("viewers") ? run.Integer("viewers") : 2;
  if (viewers < 1 || viewers > kMaxViewers) {
    return UsageError(absl::StrCat("--viewers: got ", viewers, "; it takes 1 to ", kMaxViewers));
  }
  const absl::StatusOr<std::string> url = GatewayUrl(run);
  if (!url.ok()) return url.status();
  const absl::StatusOr<absl::Duration> took =
      AwaitAllPresent({.url = *url,
                       .connect_to = run.Text("connect_to"),
                       .ca_file = run.Text("ca_file"),
                       .key = key,
                       .page = page,
                       .viewers = static_cast<int>(viewers),
                       .patience = run.Has("within") ? run.Duration("within") : kTryPatience},
                      run.host().clock);
  if (!took.ok()) return took.status();
  run.Print(absl::StrCat(viewers, " viewers of one page: each saw ", viewers, " after ",
                         absl::FormatDuration(absl::Trunc(*took, absl::Milliseconds(1))), "\n"));
  return absl::OkStatus();
}

absl::Status Try(CommandRun& run) {
  runtime::SecureRandom random;
  const std::string name = absl::StrCat("try-", absl::BytesToHexString(random.Bytes(8)));
  if (run.Has("key")) return TryWithKey(run, run.Text("key"), name);
  absl::StatusOr<Client*> client = run.client();
  if (!client.ok()) return client.status();
  TrialAccount account(**client, name);
  const absl::StatusOr<std::string> key = account.Create();
  const absl::Status tried = key.ok() ? TryWithKey(run, *key, name) : key.status();
  const absl::Status deleted = account.Delete();
  return tried.ok() ? deleted : tried;
}

}  // namespace

std::vector<Command> DeploymentCommands() {
  return {
      {.path = "try",
       .summary = "Opens viewers of one page at the gateways and waits until each sees them all.",
       .description =
           "Without --key it makes an account with a product of its own, for which it needs the "
           "operator's token, and deletes it again. Viewers are event streams; what is refused is "
           "tried again until the time is over.",
       .flags = {GatewayUrlFlag(),
                 {.name = "connect_to",
                  .value_name = "HOST:PORT",
                  .meaning = "What is dialled instead, under the URL's name."},
                 {.name = "ca_file",
                  .type = FlagType::kFile,
                  .meaning = "PEM file of the certificates that are trusted over https, instead of "
                             "the system's."},
                 {.name = "key", .value_name = "KEY", .meaning = "The API key of a product."},
                 {.name = "viewers",
                  .type = FlagType::kInteger,
                  .default_text = "2",
                  .meaning = "How many, up to 1000."},
                 {.name = "within",
                  .type = FlagType::kDuration,
                  .default_text = "30s",
                  .meaning = "How long it may take."}},
       .examples = {{"A deployment, from end to end",
                     "livecounterctl try --url=http://127.0.0.1:8080"},
                    {"With the demo's product",
                     "livecounterctl try --url=http://127.0.0.1:8080 --key=demo --viewers=2"}},
       .run = Try},
      {.path = "health",
       .summary = "Asks a program whether it is ready; ends with 0 or 1.",
       .description = "For supervisors, and for images in which there is nothing else to ask with.",
       .positionals = {{.name = "HOST:PORT", .meaning = "The program's --metrics_listen."}},
       .flags = {{.name = "alive",
                  .type = FlagType::kBool,
                  .meaning =
                      "Ask whether it is alive: a program that is not should be started again."}},
       .examples = {{"Is this gateway ready?", "livecounterctl health 127.0.0.1:9100"}},
       .run = Health},
      {.path = "wait",
       .summary = "Does nothing for a while.",
       .description =
           "For a container's preStop hook, where the image has no shell: a gateway that "
           "is to go serves on until balancers have stopped sending.",
       .positionals = {{.name = "DURATION", .meaning = "How long, as 5s."}},
       .examples = {{"Before a gateway drains", "livecounterctl wait 5s"}},
       .run = Wait},
  };
}

}  // namespace livecounter::cli
