#include "services/counterd/counterd_flags.h"

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "services/runtime/bearer_token.h"
#include "services/runtime/flag_types.h"
#include "services/runtime/grpc_tls_flags.h"

using livecounter::counter::Durability;
using livecounter::counterd::SignUp;
using livecounter::runtime::ListenAddress;

ABSL_FLAG(ListenAddress, grpc_listen, (ListenAddress{.host = "127.0.0.1", .port = 9090}),
          "Where CounterService and AdminService listen: gRPC, with health and reflection.");
ABSL_FLAG(std::string, data_dir, "./data",
          "The directory of the store and of the tokens; made where there is none.");
ABSL_FLAG(
    std::string, restore_from, "",
    "Makes the store from this backup first, the file or directory that `livecounterctl backup` "
    "wrote. A store that was made from it is left as it is, so the flag may stay; any other "
    "one is refused.");
ABSL_FLAG(Durability, durability, Durability::kSync,
          "What a hit that was answered survives: sync, a power cut; async, the end of the process "
          "only.");
ABSL_FLAG(bool, demo, false,
          "Creates the account demo, active, with a product demo, its API key demo and the hit "
          "counters 1 to 9, where there is no account at all; livecounter also creates a product "
          "verified, its API key demo-verified, and verifies its users inside the process.");
ABSL_FLAG(std::string, admin_token_file, "",
          "A file with the operator's token; by default <data_dir>/admin-token, made at the first "
          "start.");

ABSL_FLAG(SignUp, signup, SignUp::kOpen,
          "Whether strangers may create accounts (which stay inactive until an operator activates "
          "them): open or closed.");

namespace livecounter::counterd {

bool AbslParseFlag(absl::string_view text, SignUp* sign_up, std::string* error) {
  return runtime::ParseChoice<SignUp>(text, {{"open", SignUp::kOpen}, {"closed", SignUp::kClosed}},
                                      sign_up, error);
}

std::string AbslUnparseFlag(SignUp sign_up) { return sign_up == SignUp::kOpen ? "open" : "closed"; }

namespace {

bool IsNotEmpty(const std::string& text) { return !text.empty(); }

}  // namespace

runtime::FlagSpec GrpcListenFlag() { return runtime::OwnFlag(FLAGS_grpc_listen); }

runtime::FlagGroup StoreFlags(bool demo_by_default) {
  return {
      "Store",
      {runtime::OwnFlag(FLAGS_data_dir, {.takes = "the path of a directory", .valid = IsNotEmpty}),
       runtime::OwnFlag(FLAGS_restore_from, {.takes = "the path of a backup, or nothing"}),
       runtime::OwnFlag(FLAGS_durability, {.takes = "sync or async"}),
       runtime::OwnFlag(FLAGS_demo, {.default_value = demo_by_default}),
       runtime::OwnFlag(FLAGS_admin_token_file, {.takes = "the path of a file, or nothing"}),
       runtime::OwnFlag(FLAGS_signup, {.takes = "open or closed"})}};
}

absl::StatusOr<Options> OptionsFromFlags() {
  Options options;
  options.data_dir = absl::GetFlag(FLAGS_data_dir);
  options.restore_from = absl::GetFlag(FLAGS_restore_from);
  options.durability = absl::GetFlag(FLAGS_durability);
  options.grpc_listen = absl::GetFlag(FLAGS_grpc_listen);
  options.demo = absl::GetFlag(FLAGS_demo);
  options.sign_up = absl::GetFlag(FLAGS_signup);
  auto token = TokenFromFlag("admin_token_file", absl::GetFlag(FLAGS_admin_token_file));
  if (!token.ok()) return token.status();
  options.admin_token = *std::move(token);
  auto tls = runtime::GrpcTlsFilesFromFlags();
  if (!tls.ok()) return tls.status();
  options.tls = *std::move(tls);
  return options;
}

absl::StatusOr<std::string> TokenFromFlag(absl::string_view flag, const std::string& path) {
  if (path.empty()) return "";
  absl::StatusOr<std::string> token = runtime::LoadToken(path);
  if (token.ok()) return token;
  return runtime::BadFlag(flag, absl::StrCat("a file with a token: ", token.status().message()));
}

}  // namespace livecounter::counterd
