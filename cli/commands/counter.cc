#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "cli/client.h"
#include "cli/commands/commands.h"
#include "cli/commands/list.h"
#include "cli/commands/shared.h"
#include "cli/names.h"
#include "cli/run.h"
#include "cli/table.h"
#include "cli/text.h"

namespace livecounter::cli {
namespace {

using Counters = v1::CounterService::Stub;

constexpr char kNoHits[] = "–";

std::string Hits(const v1::Counter& counter) {
  return counter.has_hits() ? Grouped(counter.hits()) : kNoHits;
}

absl::Status ShowAnswer(CommandRun& run, const absl::StatusOr<v1::Counter>& counter) {
  if (!counter.ok()) return counter.status();
  if (run.json()) {
    run.PrintJson(*counter);
    return absl::OkStatus();
  }
  Sheet sheet;
  sheet.Add("counter", ShortName(counter->name()));
  sheet.Add("hits", Hits(*counter));
  sheet.Add("present", Grouped(counter->present()));
  run.Print(sheet.ToString());
  return absl::OkStatus();
}

// A total, or how many hits, as an argument.
absl::StatusOr<int64_t> Count(const CommandRun& run, size_t i, absl::string_view name) {
  int64_t count = 0;
  if (absl::SimpleAtoi(run.Argument(i), &count) && count >= 0) return count;
  return UsageError(absl::StrCat(name, " got \"", Printable(run.Argument(i)),
                                 "\"; it takes a whole number from 0"));
}

absl::Status Get(CommandRun& run) {
  absl::StatusOr<std::string> name = CounterName(run.Argument(0), run.settings().account);
  if (!name.ok()) return name.status();
  v1::GetCounterRequest request;
  request.set_name(*std::move(name));
  absl::StatusOr<Client*> client = run.client();
  if (!client.ok()) return client.status();
  return ShowAnswer(run, (*client)->Call(&Counters::GetCounter, request));
}

absl::Status List(CommandRun& run) {
  absl::StatusOr<std::string> product = ProductName(run.Argument(0), run.settings().account);
  if (!product.ok()) return product.status();
  v1::ListCountersRequest request;
  request.set_parent(*std::move(product));
  return ShowPages(run, &Counters::ListCounters, &v1::ListCountersResponse::counters, request,
                   {{"COUNTER"}, {"HITS", Table::Align::kRight}, {"PRESENT", Table::Align::kRight}},
                   [](const v1::Counter& counter) -> std::vector<std::string> {
                     return {ShortName(counter.name()), Hits(counter), Grouped(counter.present())};
                   });
}

absl::Status Create(CommandRun& run) {
  absl::StatusOr<NewName> name = NewCounterName(run.Argument(0), run.settings().account);
  if (!name.ok()) return name.status();
  v1::CreateCounterRequest request;
  request.set_parent(name->parent);
  request.set_counter_id(name->id);
  request.mutable_counter()->set_hits(run.Integer("hits"));
  request.set_request_id(run.Text("request_id"));
  request.set_validate_only(run.IsTrue("validate_only"));
  absl::StatusOr<Client*> client = run.client();
  if (!client.ok()) return client.status();
  return ShowAnswer(run, (*client)->Call(&Counters::CreateCounter, request));
}

absl::Status Increment(CommandRun& run) {
  absl::StatusOr<std::string> name = CounterName(run.Argument(0), run.settings().account);
  if (!name.ok()) return name.status();
  v1::IncrementCounterRequest request;
  request.set_name(*std::move(name));
  if (run.Has("by")) request.set_by(run.Integer("by"));
  request.set_request_id(run.Text("request_id"));
  absl::StatusOr<Client*> client = run.client();
  if (!client.ok()) return client.status();
  const auto answer = (*client)->Call(&Counters::IncrementCounter, request);
  if (!answer.ok()) return answer.status();
  return ShowAnswer(run, answer->counter());
}

absl::Status Set(CommandRun& run) {
  absl::StatusOr<std::string> name = CounterName(run.Argument(0), run.settings().account);
  if (!name.ok()) return name.status();
  const absl::StatusOr<int64_t> hits = Count(run, 1, "HITS");
  if (!hits.ok()) return hits.status();
  v1::SetCounterRequest request;
  request.set_name(*std::move(name));
  request.set_hits(*hits);
  absl::StatusOr<Client*> client = run.client();
  if (!client.ok()) return client.status();
  return ShowAnswer(run, (*client)->Call(&Counters::SetCounter, request));
}

absl::Status Delete(CommandRun& run) {
  const absl::StatusOr<std::string> name = CounterName(run.Argument(0), run.settings().account);
  if (!name.ok()) return name.status();
  absl::Status sure =
      run.Confirm(absl::StrCat("Delete the hits of ", Printable(ShortName(*name)), " for ever?"));
  if (!sure.ok()) return sure;
  v1::DeleteCounterRequest request;
  request.set_name(*name);
  absl::StatusOr<Client*> client = run.client();
  if (!client.ok()) return client.status();
  return run.Done((*client)->Call(&Counters::DeleteCounter, request),
                  absl::StrCat("deleted ", Printable(ShortName(*name))));
}

}  // namespace

std::vector<Command> CounterCommands() {
  return {
      {.path = "counter get",
       .summary = "Shows a counter's hits and who is present.",
       .positionals = {CounterPositional()},
       .examples = {{"The number and nothing else",
                     "livecounterctl counter get demo/demo/1 -o json | jq -r .hits"},
                    {"A page whose id holds slashes",
                     "livecounterctl counter get demo/demo/https://shop.example/page"}},
       .run = Get},
      {.path = "counter list",
       .summary = "Lists a product's counters that exist or have somebody present.",
       .positionals = {ProductPositional()},
       .flags = {LimitFlag(), PageTokenFlag()},
       .examples = {{"All", "livecounterctl counter list demo/demo"}},
       .run = List},
      {.path = "counter create",
       .summary = "Creates a hit counter.",
       .description = "Repeated with the same --request_id it makes nothing, and shows the counter "
                      "as it is then.",
       .positionals = {CounterPositional()},
       .flags = {{.name = "hits",
                  .type = FlagType::kInteger,
                  .value_name = "N",
                  .default_text = "0",
                  .meaning = "Where it starts."},
                 RequestIdFlag(),
                 ValidateOnlyFlag()},
       .examples = {{"One that goes on from an older counter",
                     "livecounterctl counter create demo/demo/visits --hits=12345"}},
       .run = Create},
      {.path = "counter increment",
       .summary = "Adds hits.",
       .description = "The answer is the total right after these hits. Without --request_id every "
                      "call counts, also one that is repeated because its answer was lost.",
       .positionals = {CounterPositional()},
       .flags = {{.name = "by",
                  .type = FlagType::kInteger,
                  .value_name = "N",
                  .default_text = "1",
                  .meaning = "How many."},
                 RequestIdFlag()},
       .examples =
           {{"One hit", "livecounterctl counter increment demo/demo/1"},
            {"An import that may be repeated",
             "livecounterctl counter increment demo/demo/1 --by=500 --request_id=import-7"}},
       .run = Increment},
      {.path = "counter set",
       .summary = "Sets a counter's hits, or resets them with 0.",
       .positionals = {CounterPositional(),
                       {.name = "HITS", .meaning = "The new total, 0 or more."}},
       .examples = {{"Back to the start", "livecounterctl counter set demo/demo/1 0"}},
       .run = Set},
      {.path = "counter delete",
       .summary = "Deletes a hit counter; who is present stays so.",
       .positionals = {CounterPositional()},
       .flags = {YesFlag()},
       .examples = {{"In a script", "livecounterctl counter delete demo/demo/1 --yes"}},
       .run = Delete},
  };
}

}  // namespace livecounter::cli
