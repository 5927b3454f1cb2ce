#include <memory>
#include <ostream>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/attention.h"
#include "cli/client.h"
#include "cli/commands/commands.h"
#include "cli/commands/shared.h"
#include "cli/json.h"
#include "cli/live_screen.h"
#include "cli/names.h"
#include "cli/run.h"
#include "cli/verification_report.h"

namespace livecounter::cli {
namespace {

using Admin = v1::AdminService::Stub;
using Progress = MessageStream<v1::VerificationProgress>;

constexpr absl::Duration kLongestWait = absl::Seconds(1);

// Shows a test while it runs.
class Probe {
 public:
  explicit Probe(CommandRun& run)
      : run_(run), live_(!run.json() && run.host().terminal.CanRedraw()) {}

  void Wake() { attention_.Wake(); }

  // Until the stream ends; how it ended.
  absl::Status Follow(Progress& stream) {
    absl::optional<absl::Status> ended;
    while (!ended) {
      attention_.Wait(kLongestWait);
      if (attention_.StopRequested()) return absl::CancelledError("stopped");
      bool changed = attention_.TakeResized();
      for (const v1::VerificationProgress& progress : stream.Take()) {
        Show(progress);
        changed = true;
      }
      if (live_ && changed) Draw();
      ended = stream.Ended();
    }
    return *ended;
  }

  absl::Status Outcome() const {
    if (report_.passed()) return absl::OkStatus();
    if (!report_.done()) return absl::UnavailableError("the test ended without a result");
    return absl::FailedPreconditionError(absl::StrCat("the test failed: ", report_.reason()));
  }

  // The latencies, for output that stays.
  void ShowHistogram() {
    if (live_ || run_.json()) return;
    for (const std::string& line : report_.Histogram(TerminalSize{})) {
      run_.Print(absl::StrCat(line, "\n"));
    }
  }

 private:
  void Show(const v1::VerificationProgress& progress) {
    const std::string line = report_.Apply(progress);
    const bool is_error = progress.done() && !progress.passed();  // told as one at the end
    if (run_.json()) {
      run_.Print(JsonLine(progress));
    } else if (!live_ && !is_error) {
      run_.Print(line);
    }
    if (!live_) run_.host().out << std::flush;
  }

  void Draw() {
    if (screen_ == nullptr) screen_ = std::make_unique<LiveScreen>(run_.host().out);
    const TerminalSize size = run_.host().terminal.Size();
    screen_->Draw(report_.Lines(size, run_.style()), size.rows);
  }

  CommandRun& run_;
  const bool live_;
  VerificationReport report_;
  Attention attention_;
  std::unique_ptr<LiveScreen> screen_;
};

template <typename Request>
absl::Status FollowCall(CommandRun& run, Request request,
                        std::unique_ptr<grpc::ClientReader<v1::VerificationProgress>> (
                            Admin::*method)(grpc::ClientContext*, const Request&)) {
  absl::StatusOr<std::string> name = ProductName(run.Argument(0), run.settings().account);
  if (!name.ok()) return name.status();
  request.set_name(*std::move(name));
  absl::StatusOr<Client*> client = run.client();
  if (!client.ok()) return client.status();
  Probe probe(run);
  const std::unique_ptr<Progress> stream =
      (*client)->Stream(method, request, [&probe] { probe.Wake(); });
  if (absl::Status status = probe.Follow(*stream); !status.ok()) return status;
  probe.ShowHistogram();
  return probe.Outcome();
}

absl::Status Test(CommandRun& run) {
  v1::TestVerificationRequest request;
  if (!run.Argument(1).empty()) {
    request.mutable_verification()->set_endpoint_uri(run.Argument(1));
  }
  return FollowCall(run, request, &Admin::TestVerification);
}

absl::Status Save(CommandRun& run) {
  v1::SaveVerificationRequest request;
  request.mutable_verification()->set_endpoint_uri(run.Argument(1));
  request.mutable_verification()->set_enabled(!run.Has("enabled") || run.IsTrue("enabled"));
  return FollowCall(run, request, &Admin::SaveVerification);
}

constexpr char kSteps[] =
    "The server POSTs to the endpoint, in four steps: the user w-invalid must be answered with 401 "
    "and the API key, w-valid with 200 and the API key, and then, for each of the two, 500 calls "
    "at "
    "the same time, all rightly within three seconds. A product may be put under load once in 60 "
    "seconds.";

}  // namespace

std::vector<Command> VerificationCommands() {
  return {
      {.path = "product test",
       .summary = "Tries a verification endpoint, and stores nothing.",
       .description = absl::StrCat(kSteps,
                                   "\n\nThe exit code is 0 where the test passed and 1 where it "
                                   "did not."),
       .positionals = {ProductPositional(),
                       {.name = "URL",
                        .meaning = "The endpoint; the product's own where it is left out.",
                        .optional = true}},
       .examples = {{"Before it is saved",
                     "livecounterctl product test shop/web https://shop.example/verify"}},
       .timeout = absl::Seconds(60),
       .run = Test},
      {.path = "product save-verification",
       .summary = "Tests a verification endpoint, and stores it when it passes.",
       .description = absl::StrCat(
           kSteps, "\n\nAn endpoint that passed within 10 minutes is not put under load again."),
       .positionals = {ProductPositional(), {.name = "URL", .meaning = "The endpoint."}},
       .flags = {{.name = "enabled",
                  .type = FlagType::kBool,
                  .default_text = "true",
                  .meaning = "Whether visitors are verified from then on."}},
       .examples =
           {{"Verify from now on",
             "livecounterctl product save-verification shop/web https://shop.example/verify"}},
       .timeout = absl::Seconds(60),
       .run = Save},
  };
}

}  // namespace livecounter::cli
