#include "cli/verification_report.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "cli/proto_times.h"
#include "cli/text.h"
#include "cli/times.h"

namespace livecounter::cli {
namespace {

constexpr size_t kBarColumns = 20;
constexpr size_t kHistogramColumns = 40;
constexpr std::array<absl::string_view, 4> kTitles = {"w-invalid is refused", "w-valid is accepted",
                                                      "load of w-invalid", "load of w-valid"};
constexpr size_t kTitleColumns = 20;

std::string Latency(const v1::VerificationProgress& step) {
  if (!step.has_latency()) return "";
  const v1::LatencySummary& latency = step.latency();
  const auto text = [](const google::protobuf::Duration& duration) {
    return ShortDuration(FromProto(duration));
  };
  return absl::StrCat("p50 ", text(latency.p50()), ", p95 ", text(latency.p95()), ", p99 ",
                      text(latency.p99()), ", max ", text(latency.max()));
}

std::string Verdict(bool passed, absl::string_view reason) {
  return passed ? "passed" : absl::StrCat("failed: ", Printable(reason));
}

double Part(const v1::VerificationProgress& step) {
  return step.expected() > 0 ? static_cast<double>(step.answered()) / step.expected() : 0;
}

std::string Mark(const v1::VerificationProgress& step, Style style) {
  if (!step.step_done()) return step.expected() > 0 ? "…" : style.Dim("·");
  return step.passed() ? style.Green("✓") : style.Red("✗");
}

std::string StepLine(absl::string_view title, const v1::VerificationProgress& step, size_t columns,
                     Style style) {
  const std::string numbers =
      step.expected() > 0 ? absl::StrCat(step.answered(), "/", step.expected()) : "waiting";
  const std::string rest =
      absl::StrCat(PadRight(title, kTitleColumns), " ", Bar(Part(step), kBarColumns), " ",
                   PadRight(numbers, 7), "  ", Latency(step));
  return absl::StrCat(Mark(step, style), " ",
                      Fit(absl::StripTrailingAsciiWhitespace(rest), columns > 2 ? columns - 2 : 0));
}

}  // namespace

VerificationReport::VerificationReport() : steps_(kTitles.size()) {}

std::string VerificationReport::Apply(const v1::VerificationProgress& progress) {
  if (progress.done()) {
    summary_ = progress;
    return absl::StrCat("the test ", Verdict(passed(), progress.reason()), "\n");
  }
  const size_t number = static_cast<size_t>(progress.step());
  if (number < 1 || number > steps_.size()) return "";
  steps_[number - 1] = progress;
  if (!progress.step_done()) return "";
  const std::string latency = Latency(progress);
  return absl::StrCat("step ", number, " of ", steps_.size(), ", ", kTitles[number - 1], ": ",
                      progress.answered(), "/", progress.expected(), " ",
                      Verdict(progress.passed(), progress.reason()),
                      latency.empty() ? "" : absl::StrCat(" (", latency, ")"), "\n");
}

std::string VerificationReport::reason() const {
  return done() && !passed() ? Printable(summary_.reason()) : "";
}

std::vector<std::string> VerificationReport::Lines(TerminalSize size, Style style) const {
  const auto columns = static_cast<size_t>(std::max(size.columns, 1));
  std::vector<std::string> lines;
  for (size_t i = 0; i < steps_.size(); ++i) {
    lines.push_back(StepLine(kTitles[i], steps_[i], columns, style));
  }
  const std::vector<std::string> histogram = Histogram(size);
  lines.insert(lines.end(), histogram.begin(), histogram.end());
  if (passed()) lines.push_back(style.Green("passed"));
  if (done() && !passed()) lines.push_back(style.Red(Fit("failed", columns)));
  return lines;
}

std::vector<std::string> VerificationReport::Histogram(TerminalSize size) const {
  const v1::VerificationProgress* load = nullptr;
  for (const v1::VerificationProgress& step : steps_) {
    if (step.latency().buckets_size() > 0) load = &step;
  }
  if (load == nullptr) return {};
  int most = 1;
  for (const auto& bucket : load->latency().buckets()) most = std::max(most, bucket.calls());
  const auto columns = static_cast<size_t>(std::max(size.columns, 1));
  std::vector<std::string> lines = {
      "", Fit(absl::StrCat("how long calls took, ", kTitles[load->step() - 1], ":"), columns)};
  for (const auto& bucket : load->latency().buckets()) {
    const double part = static_cast<double>(bucket.calls()) / most;
    lines.push_back(
        Fit(absl::StrCat(PadLeft(absl::StrCat("≤ ", ShortDuration(FromProto(bucket.up_to()))), 12),
                         " ", Bar(part, kHistogramColumns), " ", bucket.calls()),
            columns));
  }
  lines.push_back("");
  return lines;
}

}  // namespace livecounter::cli
