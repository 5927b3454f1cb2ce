#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "cli/client.h"
#include "cli/commands/commands.h"
#include "cli/run.h"

namespace livecounter::cli {
namespace {

absl::Status Backup(CommandRun& run) {
  const std::filesystem::path folder =
      (std::filesystem::path(run.host().working_folder) / run.Argument(0)).lexically_normal();
  v1::BackupRequest request;
  request.set_directory(folder.string());
  absl::StatusOr<Client*> client = run.client();
  if (!client.ok()) return client.status();
  return run.Done(
      (*client)->Call(&v1::AdminService::Stub::Backup, request),
      absl::StrCat("wrote ", folder.string(), " on the machine of ", run.settings().server));
}

}  // namespace

std::vector<Command> BackupCommands() {
  return {
      {.path = "backup",
       .summary = "Writes a consistent copy of the store while the server runs.",
       .description =
           "For operators. The copy is made by the server, on its own machine and as its "
           "own user; a relative path is taken from the folder that this command runs "
           "in. A server that is started with --restore_from=DIRECTORY begins with it.",
       .positionals = {{.name = "DIRECTORY", .meaning = "Where to; must not be there yet."}},
       .examples = {{"One a day", "livecounterctl backup /var/backups/livecounter/$(date +%F)"}},
       .timeout = absl::Minutes(10),
       .run = Backup}};
}

}  // namespace livecounter::cli
