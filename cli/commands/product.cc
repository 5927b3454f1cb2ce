#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "cli/client.h"
#include "cli/commands/commands.h"
#include "cli/commands/list.h"
#include "cli/commands/shared.h"
#include "cli/names.h"
#include "cli/proto_times.h"
#include "cli/run.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/times.h"

namespace livecounter::cli {
namespace {

using Admin = v1::AdminService::Stub;

std::string Text(bool present, const google::protobuf::Duration& duration) {
  return present ? ShortDuration(FromProto(duration)) : "";
}

std::string Bound(int64_t bound) { return bound == 0 ? "" : Grouped(bound); }

std::string VerificationText(const v1::Verification& verification) {
  if (verification.endpoint_uri().empty()) return "off, no endpoint";
  return absl::StrCat(verification.enabled() ? "on, " : "off, ", verification.endpoint_uri());
}

void Show(CommandRun& run, const v1::Product& product) {
  if (run.json()) return run.PrintJson(product);
  Sheet sheet;
  sheet.Add("product", ShortName(product.name()));
  sheet.Add("display name", product.display_name());
  sheet.Add("allowed origins", product.allowed_origins().empty()
                                   ? "none"
                                   : absl::StrJoin(product.allowed_origins(), ", "));
  sheet.Add("auto-create counters", product.auto_create_counters() ? "yes" : "no");
  sheet.Add("min update interval",
            Text(product.has_min_update_interval(), product.min_update_interval()));
  sheet.Add("clean leave grace",
            Text(product.has_clean_leave_grace(), product.clean_leave_grace()));
  sheet.Add("lost leave grace", Text(product.has_lost_leave_grace(), product.lost_leave_grace()));
  sheet.Add("max connections", Bound(product.limits().max_connections()));
  sheet.Add("max connections per IP", Bound(product.limits().max_connections_per_ip()));
  const double posts = product.limits().max_posts_per_second();
  sheet.Add("max posts per second", posts > 0 ? absl::StrCat(posts) : "");
  sheet.Add("verification", VerificationText(product.verification()));
  sheet.Add("signing secret", product.verification().signing_secret());
  sheet.Add("created", product.has_create_time()
                           ? FullTime(FromProto(product.create_time()), run.now(), run.host().zone)
                           : "");
  sheet.Add("etag", product.etag());
  run.Print(sheet.ToString());
}

absl::Status ShowAnswer(CommandRun& run, const absl::StatusOr<v1::Product>& product) {
  if (product.ok()) Show(run, *product);
  return product.status();
}

// A flag of `product create` and `product update`, and the field that it sets.
struct Setting {
  Flag flag;
  const char* path;  // in a field mask
  void (*set)(const CommandRun& run, const char* flag, v1::Product* product);
};

void SetOrigins(const CommandRun& run, const char* flag, v1::Product* product) {
  for (const absl::string_view origin :
       absl::StrSplit(run.Text(flag), ',', absl::SkipWhitespace())) {
    product->add_allowed_origins(std::string(absl::StripAsciiWhitespace(origin)));
  }
}

const std::vector<Setting>& Settings() {
  using Product = v1::Product;
  using Run = const CommandRun&;
  static const auto* const settings = new std::vector<Setting>{
      {{.name = "display_name", .value_name = "TEXT", .meaning = "For people."},
       "display_name",
       [](Run run, const char* flag, Product* product) {
         product->set_display_name(run.Text(flag));
       }},
      {{.name = "allowed_origins",
        .value_name = "ORIGINS",
        .meaning = "Whose pages may use it, separated by commas: https://shop.example, "
                   "https://*.shop.example for one label, * for any; nothing for none."},
       "allowed_origins",
       SetOrigins},
      {{.name = "auto_create_counters",
        .type = FlagType::kBool,
        .meaning = "Whether a POST creates a hit counter that does not exist."},
       "auto_create_counters",
       [](Run run, const char* flag, Product* product) {
         product->set_auto_create_counters(run.IsTrue(flag));
       }},
      {{.name = "min_update_interval",
        .type = FlagType::kDuration,
        .meaning =
            "Updates of one counter to one connection come at most this often, 10ms to 60s."},
       "min_update_interval",
       [](Run run, const char* flag, Product* product) {
         ToProto(run.Duration(flag), product->mutable_min_update_interval());
       }},
      {{.name = "clean_leave_grace",
        .type = FlagType::kDuration,
        .meaning = "How long a visitor still counts who closed the page, 0s to 60s."},
       "clean_leave_grace",
       [](Run run, const char* flag, Product* product) {
         ToProto(run.Duration(flag), product->mutable_clean_leave_grace());
       }},
      {{.name = "lost_leave_grace",
        .type = FlagType::kDuration,
        .meaning = "How long a visitor still counts whose connection was lost, 0s to 300s."},
       "lost_leave_grace",
       [](Run run, const char* flag, Product* product) {
         ToProto(run.Duration(flag), product->mutable_lost_leave_grace());
       }},
      {{.name = "max_connections",
        .type = FlagType::kInteger,
        .value_name = "N",
        .meaning = "Open connections over all gateways; 0 is no bound."},
       "limits.max_connections",
       [](Run run, const char* flag, Product* product) {
         product->mutable_limits()->set_max_connections(run.Integer(flag));
       }},
      {{.name = "max_connections_per_ip",
        .type = FlagType::kInteger,
        .value_name = "N",
        .meaning = "Open connections of one address at one gateway; 0 is no bound."},
       "limits.max_connections_per_ip",
       [](Run run, const char* flag, Product* product) {
         product->mutable_limits()->set_max_connections_per_ip(run.Integer(flag));
       }},
      {{.name = "max_posts_per_second",
        .type = FlagType::kNumber,
        .value_name = "N",
        .meaning = "POSTs a second at one gateway; 0 is no bound."},
       "limits.max_posts_per_second",
       [](Run run, const char* flag, Product* product) {
         product->mutable_limits()->set_max_posts_per_second(run.Number(flag));
       }},
  };
  return *settings;
}

// Sets what flags were given; the paths of the fields.
std::vector<std::string> Fill(const CommandRun& run, v1::Product* product) {
  std::vector<std::string> paths;
  for (const Setting& setting : Settings()) {
    if (!run.Has(setting.flag.name)) continue;
    setting.set(run, setting.flag.name.c_str(), product);
    paths.emplace_back(setting.path);
  }
  return paths;
}

absl::Status Create(CommandRun& run) {
  absl::StatusOr<NewName> name = NewProductName(run.Argument(0), run.settings().account);
  if (!name.ok()) return name.status();
  v1::CreateProductRequest request;
  request.set_parent(name->parent);
  request.set_product_id(name->id);
  Fill(run, request.mutable_product());
  request.set_request_id(run.Text("request_id"));
  request.set_validate_only(run.IsTrue("validate_only"));
  absl::StatusOr<Client*> client = run.client();
  if (!client.ok()) return client.status();
  return ShowAnswer(run, (*client)->Call(&Admin::CreateProduct, request));
}

absl::Status Get(CommandRun& run) {
  absl::StatusOr<std::string> name = ProductName(run.Argument(0), run.settings().account);
  if (!name.ok()) return name.status();
  v1::GetProductRequest request;
  request.set_name(*std::move(name));
  absl::StatusOr<Client*> client = run.client();
  if (!client.ok()) return client.status();
  return ShowAnswer(run, (*client)->Call(&Admin::GetProduct, request));
}

std::vector<std::string> Row(CommandRun& run, const v1::Product& product) {
  return {
      ShortName(product.name()), product.display_name(),
      absl::StrJoin(product.allowed_origins(), ", "),
      product.verification().enabled() ? "on" : "off",
      product.has_create_time() ? RelativeTime(FromProto(product.create_time()), run.now()) : ""};
}

absl::Status List(CommandRun& run) {
  absl::StatusOr<std::string> parent = "accounts/-";
  if (!run.IsTrue("all")) parent = AccountName(run.Argument(0), run.settings().account);
  if (!parent.ok()) return parent.status();
  v1::ListProductsRequest request;
  request.set_parent(*std::move(parent));
  return ShowPages(
      run, &Admin::ListProducts, &v1::ListProductsResponse::products, request,
      {{"PRODUCT"}, {"DISPLAY NAME"}, {"ALLOWED ORIGINS"}, {"VERIFICATION"}, {"CREATED"}},
      [&run](const v1::Product& product) { return Row(run, product); });
}

absl::Status Update(CommandRun& run) {
  absl::StatusOr<std::string> name = ProductName(run.Argument(0), run.settings().account);
  if (!name.ok()) return name.status();
  v1::UpdateProductRequest request;
  v1::Product* const product = request.mutable_product();
  product->set_name(*std::move(name));
  product->set_etag(run.Text("etag"));
  for (std::string& path : Fill(run, product)) {
    request.mutable_update_mask()->add_paths(std::move(path));
  }
  if (run.Has("verification")) {
    product->mutable_verification()->set_enabled(run.IsTrue("verification"));
    request.mutable_update_mask()->add_paths("verification.enabled");
  }
  if (request.update_mask().paths().empty()) {
    return UsageError(
        "nothing to change was given; `livecounterctl help product update` shows what can be");
  }
  request.set_validate_only(run.IsTrue("validate_only"));
  absl::StatusOr<Client*> client = run.client();
  if (!client.ok()) return client.status();
  return ShowAnswer(run, (*client)->Call(&Admin::UpdateProduct, request));
}

absl::Status Delete(CommandRun& run) {
  const absl::StatusOr<std::string> name = ProductName(run.Argument(0), run.settings().account);
  if (!name.ok()) return name.status();
  absl::Status sure = run.Confirm(absl::StrCat("Delete the product ", ShortName(*name),
                                               " with its keys and counters for ever?"));
  if (!sure.ok()) return sure;
  v1::DeleteProductRequest request;
  request.set_name(*name);
  request.set_etag(run.Text("etag"));
  request.set_validate_only(run.IsTrue("validate_only"));
  absl::StatusOr<Client*> client = run.client();
  if (!client.ok()) return client.status();
  return run.Done((*client)->Call(&Admin::DeleteProduct, request),
                  absl::StrCat("deleted ", ShortName(*name)));
}

std::vector<Flag> WithSettings(const std::vector<Flag>& more) {
  std::vector<Flag> flags;
  for (const Setting& setting : Settings()) flags.push_back(setting.flag);
  flags.insert(flags.end(), more.begin(), more.end());
  return flags;
}

}  // namespace

std::vector<Command> ProductCommands() {
  return {
      {.path = "product create",
       .summary = "Creates a product: a site, a shop, an app.",
       .positionals = {{.name = "PRODUCT", .meaning = "What it is to be called: account/product."}},
       .flags = WithSettings({RequestIdFlag(), ValidateOnlyFlag()}),
       .examples =
           {{"A site, and who may embed its numbers",
             "livecounterctl product create shop/web --allowed_origins=https://shop.example"},
            {"Hit counters that come by themselves",
             "livecounterctl product create shop/web --auto_create_counters"}},
       .run = Create},
      {.path = "product get",
       .summary = "Shows a product.",
       .positionals = {ProductPositional()},
       .examples = {{"All of it", "livecounterctl product get shop/web"}},
       .run = Get},
      {.path = "product list",
       .summary = "Lists an account's products.",
       .positionals = {AccountPositional(/*optional=*/true)},
       .flags = {{.name = "all",
                  .type = FlagType::kBool,
                  .meaning = "Those of all accounts, for operators."},
                 LimitFlag(),
                 PageTokenFlag()},
       .examples = {{"Those of one account", "livecounterctl product list shop"},
                    {"Those of everybody", "livecounterctl product list --all"}},
       .run = List},
      {.path = "product update",
       .summary = "Changes the settings that are given.",
       .description = "Gateways follow within a second, for open connections too. The verification "
                      "endpoint is set by `product save-verification`.",
       .positionals = {ProductPositional()},
       .flags = WithSettings({{.name = "verification",
                               .type = FlagType::kBool,
                               .meaning = "Switches verification on or off; on needs an endpoint."},
                              EtagFlag(),
                              ValidateOnlyFlag()}),
       .examples = {{"Two origins",
                     "livecounterctl product update shop/web "
                     "--allowed_origins=https://shop.example,https://www.shop.example"},
                    {"Do not ask the customer's server any more",
                     "livecounterctl product update shop/web --noverification"}},
       .run = Update},
      {.path = "product delete",
       .summary = "Deletes a product, its keys and its counters for ever.",
       .positionals = {ProductPositional()},
       .flags = {EtagFlag(), ValidateOnlyFlag(), YesFlag()},
       .examples = {{"Only as it was seen",
                     "livecounterctl product delete shop/web --etag=\"$(livecounterctl product get "
                     "shop/web -o json | jq -r .etag)\""}},
       .run = Delete},
  };
}

}  // namespace livecounter::cli
