#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/client.h"
#include "cli/commands/commands.h"
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

constexpr char kAllAccounts[] = "accounts/-";

struct Range {
  absl::optional<absl::Time> start;
  absl::optional<absl::Time> end;
};

absl::StatusOr<Range> RangeOf(const CommandRun& run) {
  const bool has_times = run.Has("start_time") || run.Has("end_time");
  if (run.Has("month") && has_times) {
    return UsageError("--month and --start_time or --end_time exclude each other");
  }
  if (has_times) return Range{run.Time("start_time"), run.Time("end_time")};
  if (!run.Has("month") && !run.IsTrue("csv")) return Range{};
  const std::string text = run.Has("month") ? run.Text("month") : MonthOf(run.now());
  const absl::optional<Month> month = ParseMonth(text);
  if (!month) {
    return UsageError(
        absl::StrCat("--month got \"", Printable(text), "\"; it takes a month such as 2026-11"));
  }
  return Range{month->begin, month->end};
}

absl::StatusOr<v1::GetUsageResponse> GetUsage(CommandRun& run, const std::string& name,
                                              const Range& range) {
  absl::StatusOr<Client*> client = run.client();
  if (!client.ok()) return client.status();
  v1::GetUsageRequest request;
  request.set_name(name);
  if (range.start) ToProto(*range.start, request.mutable_start_time());
  if (range.end) ToProto(*range.end, request.mutable_end_time());
  v1::GetUsageResponse all;
  do {
    const absl::StatusOr<v1::GetUsageResponse> page = (*client)->Call(&Admin::GetUsage, request);
    if (!page.ok()) return page.status();
    request.set_page_token(page->next_page_token());
    all.mutable_points()->MergeFrom(page->points());
  } while (!request.page_token().empty());
  return all;
}

// What to ask for, and who has a line of the bill, also without a connection.
struct Wanted {
  std::string name;
  std::vector<std::string> accounts;  // empty for a product
};

// What was named, or all that the user may see: also what was deleted and has usage.
absl::StatusOr<Wanted> WantedBy(CommandRun& run) {
  const std::string& text = run.Argument(0);
  const std::string& account = run.settings().account;
  const bool is_all = run.IsTrue("all") || text == "-";
  if (!is_all && (!text.empty() || !account.empty())) {
    const absl::StatusOr<std::string> name = AccountName(text, account);
    if (name.ok()) return Wanted{*name, {*name}};
    const absl::StatusOr<std::string> product = ProductName(text, account);
    if (!product.ok()) return product.status();
    return Wanted{*product, {}};
  }
  absl::StatusOr<Client*> client = run.client();
  if (!client.ok()) return client.status();
  const absl::StatusOr<v1::ListAccountsResponse> list = (*client)->List(
      &Admin::ListAccounts, &v1::ListAccountsResponse::accounts, v1::ListAccountsRequest(), 0);
  if (!list.ok()) return list.status();
  Wanted wanted = {kAllAccounts, {}};
  for (const v1::Account& each : list->accounts()) wanted.accounts.push_back(each.name());
  return wanted;
}

std::string AccountOf(absl::string_view name) {
  const std::vector<std::string> ids = absl::StrSplit(ShortName(name), '/');
  return ids[0];
}

// The months of UTC that a range touches: each is a line of the bill, also without a connection.
std::vector<std::string> MonthsOf(const Range& range, absl::Time now) {
  const absl::Time end = std::min(range.end.value_or(now), now);
  absl::CivilMonth month =
      absl::ToCivilMonth(range.start.value_or(end - absl::Hours(31 * 24)), absl::UTCTimeZone());
  std::vector<std::string> months;
  do {
    months.push_back(absl::FormatCivilTime(month));
    ++month;
  } while (absl::FromCivil(month, absl::UTCTimeZone()) < end);
  return months;
}

void ShowCsv(CommandRun& run, const std::vector<std::string>& names, const Range& range,
             const v1::GetUsageResponse& usage) {
  std::map<std::pair<std::string, std::string>, int64_t> connections;
  const std::vector<std::string> months = MonthsOf(range, run.now());
  for (const std::string& name : names) {
    for (const std::string& month : months) connections[{AccountOf(name), month}] = 0;
  }
  for (const v1::UsagePoint& point : usage.points()) {
    connections[{AccountOf(point.product()), MonthOf(FromProto(point.hour()))}] +=
        point.connections();
  }
  run.Print("account,month,connections\n");
  for (const auto& [line, count] : connections) {
    run.Print(absl::StrCat(line.first, ",", line.second, ",", count, "\n"));
  }
}

std::string PeriodOf(absl::Time hour, absl::string_view period) {
  const char* format = "%Y-%m-%d";
  if (period == "hour") format = "%Y-%m-%d %H:%M";
  if (period == "month") format = "%Y-%m";
  return absl::FormatTime(format, hour, absl::UTCTimeZone());
}

void ShowTable(CommandRun& run, const v1::GetUsageResponse& usage) {
  const std::string period = run.Has("by") ? run.Text("by") : "day";
  std::map<std::pair<std::string, std::string>, int64_t> connections;
  int64_t total = 0;
  for (const v1::UsagePoint& point : usage.points()) {
    connections[{point.product(), PeriodOf(FromProto(point.hour()), period)}] +=
        point.connections();
    total += point.connections();
  }
  Table table({{"PRODUCT"},
               {absl::StrCat(absl::AsciiStrToUpper(period), " (UTC)")},
               {"CONNECTIONS", Table::Align::kRight}});
  for (const auto& [line, count] : connections) {
    table.AddRow({ShortName(line.first), line.second, Grouped(count)});
  }
  table.AddRow({"total", "", Grouped(total)});
  run.Print(table.ToString());
}

absl::Status Usage(CommandRun& run) {
  if (run.IsTrue("csv") && (run.json() || run.Has("by"))) {
    return UsageError("--csv is a form of its own: without -o json and --by");
  }
  const absl::StatusOr<Range> range = RangeOf(run);
  if (!range.ok()) return range.status();
  const absl::StatusOr<Wanted> wanted = WantedBy(run);
  if (!wanted.ok()) return wanted.status();
  if (run.IsTrue("csv") && wanted->accounts.empty() && wanted->name != kAllAccounts) {
    return UsageError(
        "--csv is the bill of accounts: name an account; one product's usage is in the table, or "
        "with -o json");
  }
  const absl::StatusOr<v1::GetUsageResponse> usage = GetUsage(run, wanted->name, *range);
  if (!usage.ok()) return usage.status();
  if (run.json()) {
    run.PrintJson(*usage);
  } else if (run.IsTrue("csv")) {
    ShowCsv(run, wanted->accounts, *range, *usage);
  } else {
    ShowTable(run, *usage);
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<Command> UsageCommands() {
  return {
      {.path = "usage",
       .summary = "Shows how many connections were accepted: the billing figure.",
       .description =
           "Every accepted WebSocket and event stream counts, view-only ones too. Hours, days and "
           "months are those of UTC; at most 400 days at once, 31 where nothing is said. With no "
           "account named, and no default account, all accounts that you may see are shown, "
           "deleted "
           "ones too where they have usage.",
       .positionals = {{.name = "NAME",
                        .meaning = "An account, or a product: account/product.",
                        .optional = true}},
       .flags = {{.name = "by",
                  .type = FlagType::kChoice,
                  .choices = {"hour", "day", "month"},
                  .default_text = "day",
                  .meaning = "The lines of the table."},
                 {.name = "csv",
                  .type = FlagType::kBool,
                  .meaning = "CSV with a line per account and month, those without a connection "
                             "too: account,month,connections. Of this month unless another is "
                             "given."},
                 {.name = "all",
                  .type = FlagType::kBool,
                  .meaning = "All accounts, also where there is a default account."},
                 {.name = "month",
                  .value_name = "MONTH",
                  .meaning = "That month of UTC, such as 2026-11."},
                 {.name = "start_time",
                  .type = FlagType::kTime,
                  .meaning = "From the hour that holds this."},
                 {.name = "end_time",
                  .type = FlagType::kTime,
                  .meaning = "Up to, and without, this."}},
       .examples = {{"The last week, by the hour",
                     "livecounterctl usage shop --start_time=7d --by=hour"},
                    {"What to bill for November",
                     "livecounterctl usage --all --csv --month=2026-11 >november.csv"}},
       .run = Usage}};
}

}  // namespace livecounter::cli
