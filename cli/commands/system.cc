#include <string>

#include "absl/strings/str_cat.h"
#include "cli/client.h"
#include "cli/commands/commands.h"
#include "cli/proto_times.h"
#include "cli/run.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/times.h"

namespace livecounter::cli {
namespace {

std::string Summary(CommandRun& run, const v1::SystemStatus& status) {
  Sheet sheet;
  sheet.Add("version", status.version());
  sheet.Add("started", FullTime(FromProto(status.start_time()), run.now(), run.host().zone));
  sheet.Add("epoch", absl::StrCat(status.epoch()));
  sheet.Add("recovering", status.recovering() ? "yes" : "no");
  sheet.Add("present", Grouped(status.present()));
  sheet.Add("audit mismatches", Grouped(status.audit_mismatches()));
  return sheet.ToString();
}

std::string Sessions(CommandRun& run, const v1::SystemStatus& status) {
  Table table({{"GATEWAY"},
               {"STATE"},
               {"STREAM", Table::Align::kRight},
               {"PRESENT", Table::Align::kRight},
               {"CONNECTIONS", Table::Align::kRight},
               {"EXPIRES"}});
  for (const v1::GatewaySession& session : status.sessions()) {
    table.AddRow({session.holder(), v1::GatewaySession::State_Name(session.state()),
                  absl::StrCat(session.stream()), Grouped(session.present()),
                  Grouped(session.connections()),
                  RelativeTime(FromProto(session.expire_time()), run.now())});
  }
  return table.empty() ? "" : absl::StrCat("\n", table.ToString());
}

absl::Status Show(CommandRun& run) {
  absl::StatusOr<Client*> client = run.client();
  if (!client.ok()) return client.status();
  const absl::StatusOr<v1::SystemStatus> status =
      (*client)->Call(&v1::AdminService::Stub::GetSystemStatus, v1::GetSystemStatusRequest());
  if (!status.ok()) return status.status();
  if (run.json()) {
    run.PrintJson(*status);
  } else {
    run.Print(absl::StrCat(Summary(run, *status), Sessions(run, *status)));
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<Command> SystemCommands() {
  return {
      {.path = "system",
       .summary = "Shows what the counter service does, and its gateways.",
       .description = "For operators. A gateway that is lost or detached counts until it expires.",
       .examples = {{"How many gateways are attached?",
                     "livecounterctl system -o json | jq '.sessions | length'"}},
       .run = Show}};
}

}  // namespace livecounter::cli
