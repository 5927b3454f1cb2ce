#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/client.h"
#include "cli/commands/commands.h"
#include "cli/commands/shared.h"
#include "cli/names.h"
#include "cli/proto_times.h"
#include "cli/run.h"
#include "cli/table.h"
#include "cli/text.h"

namespace livecounter::cli {
namespace {

void Show(CommandRun& run, const v1::GetHistoryResponse& history) {
  if (run.json()) return run.PrintJson(history);
  constexpr auto kRight = Table::Align::kRight;
  const std::string zone = absl::FormatTime("%Z", run.now(), run.host().zone);
  Table table({{absl::StrCat("TIME (", zone, ")")},
               {"HITS", kRight},
               {"MORE", kRight},
               {"PRESENT, MOST", kRight},
               {"MEAN", kRight}});
  absl::optional<int64_t> before;
  for (const v1::HistoryPoint& point : history.points()) {
    const absl::optional<int64_t> hits =
        point.has_hits() ? absl::make_optional(point.hits()) : absl::nullopt;
    const bool both = hits && before;
    table.AddRow({absl::FormatTime("%Y-%m-%d %H:%M", FromProto(point.time()), run.host().zone),
                  hits ? Grouped(*hits) : "–",
                  both ? absl::StrCat(*hits < *before ? "" : "+", Grouped(*hits - *before)) : "",
                  Grouped(point.present_peak()), absl::StrFormat("%.1f", point.present_mean())});
    before = hits;
  }
  run.Print(table.ToString());
}

absl::Status History(CommandRun& run) {
  absl::StatusOr<std::string> name = CounterName(run.Argument(0), run.settings().account);
  if (!name.ok()) return name.status();
  v1::GetHistoryRequest request;
  request.set_name(*std::move(name));
  request.set_resolution(run.Text("resolution") == "hour" ? v1::GetHistoryRequest::HOUR
                                                          : v1::GetHistoryRequest::MINUTE);
  if (const auto start = run.Time("start_time")) ToProto(*start, request.mutable_start_time());
  if (const auto end = run.Time("end_time")) ToProto(*end, request.mutable_end_time());
  absl::StatusOr<Client*> client = run.client();
  if (!client.ok()) return client.status();
  const absl::StatusOr<v1::GetHistoryResponse> history =
      (*client)->Call(&v1::CounterService::Stub::GetHistory, request);
  if (history.ok()) Show(run, *history);
  return history.status();
}

}  // namespace

std::vector<Command> HistoryCommands() {
  return {
      {.path = "counter history",
       .summary = "Shows how a counter went: hits, and the most and the mean of who was present.",
       .description = "Points are kept where something changed: one a minute for 24 hours, one an "
                      "hour for 90 days.",
       .positionals = {CounterPositional()},
       .flags = {{.name = "resolution",
                  .type = FlagType::kChoice,
                  .choices = {"minute", "hour"},
                  .default_text = "minute",
                  .meaning = "How long one point is."},
                 {.name = "start_time",
                  .type = FlagType::kTime,
                  .meaning = "From then on; as far back as is kept where it is not given."},
                 {.name = "end_time", .type = FlagType::kTime, .meaning = "Until then; now."}},
       .examples = {{"The last hour", "livecounterctl counter history demo/demo/1 --start_time=1h"},
                    {"A month by the hour",
                     "livecounterctl counter history demo/demo/1 --resolution=hour "
                     "--start_time=2026-11-01 --end_time=2026-12-01"}},
       .run = History}};
}

}  // namespace livecounter::cli
