// Prints what the programs show of themselves, for docs/: `metrics` and `logs` as Markdown, `log-schema` as the
// JSON Schema of a log line. tools/generate-metrics-docs runs it.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iostream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"
#include "observability/log_events.h"
#include "observability/logging.h"
#include "observability/metrics.h"
#include "prometheus/registry.h"

namespace livecounter::observability {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kEveryProgram[] =
    "`livecounter`, `livecounter-gateway`, `livecounter-counterd`, `livecounter-verifier`";

// Metrics that stand together.
struct Part {
  const char* title;
  const char* programs;  // that have them
  std::function<void(prometheus::Registry&)> add;
};

// What a label's values are where they are not written down anywhere here.
constexpr char kService[] = "the service, as livecounter.v1.AdminService";
constexpr char kMethod[] = "the method, as GetAccount";

std::vector<Part> Parts() {
  return {
      {"Every program", kEveryProgram,
       [](prometheus::Registry& registry) {
         ProgramMetrics metrics(registry, "the program", "its version");
       }},
      {"gRPC servers", "`livecounter`, `livecounter-counterd`, `livecounter-verifier`",
       [](prometheus::Registry& registry) {
         GrpcServerMetrics metrics(registry);
         for (const GrpcType type : {GrpcType::kUnary, GrpcType::kServerStream,
                                     GrpcType::kClientStream, GrpcType::kBidiStream}) {
           metrics.Method(kService, kMethod, type);
         }
       }},
      {"Gateway", "`livecounter`, `livecounter-gateway`",
       [](prometheus::Registry& registry) { GatewayMetrics metrics(registry); }},
      {"Console", "`livecounter`, `livecounter-gateway`",
       [](prometheus::Registry& registry) {
         ConsoleMetrics metrics(registry);
         for (int code = 0; code < static_cast<int>(kGrpcCodes); ++code) {
           metrics.requests(kService, kMethod, code);
         }
       }},
      {"Counter service", "`livecounter`, `livecounter-counterd`",
       [](prometheus::Registry& registry) { CounterdMetrics metrics(registry); }},
      {"Engine and store", "`livecounter`, `livecounter-counterd`",
       [](prometheus::Registry& registry) {
         EngineMetrics engine(registry);
         StoreMetrics store(registry);
       }},
      {"Verifier", "`livecounter`, `livecounter-verifier`",
       [](prometheus::Registry& registry) { VerifierMetrics metrics(registry); }},
  };
}

absl::string_view TypeName(prometheus::MetricType type) {
  switch (type) {
    case prometheus::MetricType::Counter:
      return "counter";
    case prometheus::MetricType::Gauge:
      return "gauge";
    case prometheus::MetricType::Histogram:
      return "histogram";
    default:
      return "untyped";
  }
}

// A value that describes others is prose.
std::string ValueText(absl::string_view value) {
  return absl::StrContains(value, " ") ? std::string(value) : absl::StrCat("`", value, "`");
}

std::string LabelsText(const prometheus::MetricFamily& family) {
  std::map<std::string, std::set<std::string>> values;
  for (const prometheus::ClientMetric& series : family.metric) {
    for (const auto& label : series.label) values[label.name].insert(ValueText(label.value));
  }
  std::vector<std::string> labels;
  labels.reserve(values.size());
  for (const auto& [name, all] : values) {
    labels.push_back(absl::StrCat("`", name, "`: ", absl::StrJoin(all, ", ")));
  }
  return absl::StrJoin(labels, "; ");
}

std::string BucketsText(const prometheus::MetricFamily& family) {
  if (family.type != prometheus::MetricType::Histogram) return "";
  const auto& buckets = family.metric.front().histogram.bucket;
  const double last = buckets[buckets.size() - 2].upper_bound;  // after it there is +Inf
  return absl::StrCat(" Buckets from ", buckets.front().upper_bound, " to ", last, " s.");
}

// In a cell of a table.
std::string Cell(absl::string_view text) { return absl::StrReplaceAll(text, {{"|", "\\|"}}); }

void DescribeMetrics() {
  for (const Part& part : Parts()) {
    prometheus::Registry registry;
    part.add(registry);
    std::cout << "\n## " << part.title << "\n\nIn " << part.programs << ".\n\n"
              << "| name | type | labels | what |\n|---|---|---|---|\n";
    for (const prometheus::MetricFamily& family : registry.Collect()) {
      std::cout << "| `" << family.name << "` | " << TypeName(family.type) << " | "
                << Cell(LabelsText(family)) << " | " << Cell(family.help) << BucketsText(family)
                << " |\n";
    }
  }
}

void DescribeLogs() {
  absl::string_view from;
  for (const LogEvent& event : LogEvents()) {
    if (from != event.from) {
      from = event.from;
      std::cout << "\n## From " << (from == "every program" ? "" : "the ") << from
                << "\n\n| event | level | fields | when |\n|---|---|---|---|\n";
    }
    std::cout << "| `" << event.name << "` | " << event.level << " | " << event.fields << " | "
              << Cell(event.about) << " |\n";
  }
}

void DescribeLogSchema() {
  Json events = Json::array();
  for (const LogEvent& event : LogEvents()) events.push_back(event.name);
  Json levels = Json::array();
  for (size_t i = 0; i < kLogLevels; ++i) {
    levels.push_back(AbslUnparseFlag(static_cast<LogLevel>(i)));
  }
  Json schema;
  schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  schema["title"] = "A log line of Live Counter";
  schema["type"] = "object";
  schema["required"] = {"time", "level", "event"};
  schema["properties"]["time"] = {
      {"type", "string"},
      {"pattern", "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$"}};
  schema["properties"]["level"] = {{"enum", levels}};
  schema["properties"]["event"] = {{"enum", events}};
  schema["properties"]["trace_id"] = {{"type", "string"}, {"pattern", "^[0-9a-f]{32}$"}};
  schema["propertyNames"] = {{"pattern", "^[a-z][a-z0-9_]*$"}};
  schema["additionalProperties"] = {{"type", {"string", "number", "boolean"}}};
  std::cout << schema.dump(2) << "\n";
}

int Main(int argc, const char* const* argv) {
  const std::map<absl::string_view, std::function<void()>> subjects = {
      {"metrics", DescribeMetrics}, {"logs", DescribeLogs}, {"log-schema", DescribeLogSchema}};
  const auto subject = argc == 2 ? subjects.find(argv[1]) : subjects.end();
  if (subject == subjects.end()) {
    std::cerr << "livecounter_describe: takes metrics, logs or log-schema\n";
    return 2;
  }
  subject->second();
  return 0;
}

}  // namespace
}  // namespace livecounter::observability

int main(int argc, char** argv) { return livecounter::observability::Main(argc, argv); }
