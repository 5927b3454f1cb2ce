#include "bench/load/report.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "nlohmann/json.hpp"

namespace livecounter::bench {
namespace {

using Json = nlohmann::ordered_json;

std::string Text(const Percentiles& ms) {
  return absl::StrFormat("%.2f / %.2f / %.2f", ms.p50, ms.p99, ms.max);
}

Json ToJson(const Percentiles& ms) { return {{"p50", ms.p50}, {"p99", ms.p99}, {"max", ms.max}}; }

Json ToJson(const OpenStep& step) {
  return {{"open_before", step.open_before},
          {"opened", step.opened},
          {"seconds", step.seconds},
          {"cpu_us_per_connection", step.cpu_us},
          {"cpu_us_per_connection_of", step.cpu_us_of}};
}

Json ToJson(const Opening& opening) {
  Json steps = Json::array();
  for (const OpenStep& step : opening.steps) steps.push_back(ToJson(step));
  return {{"opened", opening.opened},
          {"refused", opening.refused},
          {"cpu_us_per_connection", opening.cpu_us},
          {"cpu_us_per_connection_of", opening.cpu_us_of},
          {"resident_bytes_per_connection", opening.resident_bytes},
          {"resident_bytes_per_connection_of", opening.resident_bytes_of},
          {"proportional_bytes_per_connection", opening.proportional_bytes},
          {"first_number_ms", ToJson(opening.first_number_ms)},
          {"steps", steps}};
}

Json ToJson(const Phase& phase) {
  return {{"seconds", phase.seconds},
          {"changes", phase.changes},
          {"deliveries", phase.deliveries},
          {"deliveries_per_second", static_cast<double>(phase.deliveries) / phase.seconds},
          {"repeats", phase.repeats},
          {"undelivered", phase.undelivered},
          {"cpu_share", phase.cpu_share},
          {"cpu_us_per_delivery", phase.cpu_us},
          {"cpu_us_per_delivery_of", phase.cpu_us_of},
          {"delay_ms", ToJson(phase.delay_ms)}};
}

}  // namespace

std::string ToTable(const Result& result) {
  const Opening& opening = result.opening;
  std::string table = absl::StrFormat(
      "opened %d of %d, refused %d, lost %d\n"
      "server CPU per connection    %.1f us\n"
      "resident per connection      %.0f bytes (proportional %.0f)\n"
      "first number p50/p99/max     %s ms\n",
      opening.opened, result.connections, opening.refused, result.lost, opening.cpu_us,
      opening.resident_bytes, opening.proportional_bytes, Text(opening.first_number_ms));
  for (const OpenStep& step : opening.steps) {
    absl::StrAppendFormat(&table, "  from %6d open: %6d more in %.2f s, %.1f us each\n",
                          step.open_before, step.opened, step.seconds, step.cpu_us);
  }
  for (const Phase& phase : result.phases) {
    absl::StrAppendFormat(
        &table,
        "%s: %d changes in %.2f s\n"
        "  deliveries                 %d, %.0f a second; undelivered %d, repeated %d\n"
        "  server CPU per delivery    %.2f us (%.0f %% of a core)\n"
        "  update delay p50/p99/max   %s ms\n",
        phase.name, phase.changes, phase.seconds, phase.deliveries,
        static_cast<double>(phase.deliveries) / phase.seconds, phase.undelivered, phase.repeats,
        phase.cpu_us, 100 * phase.cpu_share, Text(phase.delay_ms));
  }
  return table;
}

std::string ToJson(const Result& result) {
  Json json = {{"connections", result.connections},
               {"opening", ToJson(result.opening)},
               {"lost", result.lost}};
  for (const Phase& phase : result.phases) json[phase.name] = ToJson(phase);
  return absl::StrCat(json.dump(2), "\n");
}

}  // namespace livecounter::bench
