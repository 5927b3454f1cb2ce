#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/attention.h"
#include "cli/client.h"
#include "cli/commands/commands.h"
#include "cli/commands/shared.h"
#include "cli/json.h"
#include "cli/live_screen.h"
#include "cli/names.h"
#include "cli/run.h"
#include "cli/watch_board.h"

namespace livecounter::cli {
namespace {

using Counters = v1::CounterService::Stub;
using Updates = MessageStream<v1::WatchCountersResponse>;

constexpr int kMaxWatched = 1000;
constexpr absl::Duration kRetryInterval = absl::Seconds(1);
constexpr absl::Duration kDrawInterval = absl::Milliseconds(50);
constexpr absl::string_view kLive = "live";
constexpr absl::string_view kLost = "connection lost, trying again";
constexpr absl::string_view kEnded = "ended";

// Whether the words of a name are those of a product: then all of its counters are meant.
bool IsProduct(absl::string_view text, absl::string_view account) {
  return CounterName(text, account).status().ok() ? false : ProductName(text, account).ok();
}

absl::Status AddCountersOf(CommandRun& run, absl::string_view product,
                           std::vector<std::string>* names) {
  absl::StatusOr<Client*> client = run.client();
  if (!client.ok()) return client.status();
  v1::ListCountersRequest request;
  request.set_parent(std::string(product));
  const absl::StatusOr<v1::ListCountersResponse> list = (*client)->List(
      &Counters::ListCounters, &v1::ListCountersResponse::counters, request, kMaxWatched);
  if (!list.ok()) return list.status();
  if (list->counters().empty()) {
    return absl::NotFoundError(absl::StrCat(ShortName(product), " has no counters yet"));
  }
  if (!list->next_page_token().empty()) {
    run.Note(absl::StrCat(ShortName(product), " has more counters than the ", kMaxWatched,
                          " that are watched"));
  }
  for (const v1::Counter& counter : list->counters()) names->push_back(counter.name());
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> NamesToWatch(CommandRun& run) {
  const std::string& account = run.settings().account;
  std::vector<std::string> names;
  for (const std::string& text : run.line().positionals) {
    if (IsProduct(text, account)) {
      const absl::StatusOr<std::string> product = ProductName(text, account);
      if (absl::Status status = AddCountersOf(run, *product, &names); !status.ok()) return status;
      continue;
    }
    absl::StatusOr<std::string> name = CounterName(text, account);
    if (!name.ok()) return name.status();
    names.push_back(*std::move(name));
  }
  if (names.size() > kMaxWatched) {
    return UsageError(absl::StrCat("`watch` takes up to ", kMaxWatched, " counters"));
  }
  return names;
}

// One run of `watch`: shows what comes until it is told to stop, and tries again when the server goes.
class Watch {
 public:
  Watch(CommandRun& run, Client& client, const std::vector<std::string>& names)
      : run_(run),
        client_(client),
        live_(!run.json() && run.host().terminal.CanRedraw()),
        board_(names),
        end_(run.Has("duration") ? run.now() + run.Duration("duration") : absl::InfiniteFuture()),
        updates_left_(run.Has("updates") ? run.Integer("updates") : -1) {
    for (const std::string& name : names) request_.add_names(name);
  }

  absl::Status Run() {
    absl::Status status;
    while (status.ok() && !Over()) {
      if (stream_ == nullptr && run_.now() >= retry_at_) Connect();
      attention_.Wait(std::min(NextMoment() - run_.now(), WatchBoard::kSampleInterval));
      TakeUpdates();
      status = TakeEnd();
      SampleInTime();
      is_stale_ |= attention_.TakeResized();
      if (is_stale_ && run_.now() >= next_draw_) Draw(lost_ ? kLost : kLive);
    }
    Draw(kEnded);
    return status;
  }

 private:
  bool Over() {
    return attention_.StopRequested() || updates_left_ == 0 || run_.now() >= end_ ||
           !run_.host().out;
  }

  void Connect() {
    stream_ = client_.Stream(&Counters::WatchCounters, request_, [this] { attention_.Wake(); });
  }

  absl::Time NextMoment() const {
    absl::Time next = std::min(end_, next_sample_);
    if (stream_ == nullptr) next = std::min(next, retry_at_);
    if (is_stale_) next = std::min(next, next_draw_);
    return next;
  }

  void TakeUpdates() {
    if (stream_ == nullptr) return;
    bool changed = false;
    for (const v1::WatchCountersResponse& update : stream_->Take()) {
      for (const v1::Counter& counter : update.counters()) changed |= Show(counter);
      lost_ = false;
    }
    if (changed && !live_) run_.host().out << std::flush;
    seen_any_ |= changed;
    is_stale_ |= changed;
  }

  bool Show(const v1::Counter& counter) {
    if (updates_left_ == 0 || !board_.Apply(counter)) return false;
    if (run_.json()) {
      run_.Print(JsonLine(counter));
    } else if (!live_) {
      run_.Print(WatchLine(counter, run_.now()));
    }
    if (updates_left_ > 0) --updates_left_;
    return true;
  }

  // A server that was there once and went away is waited for; any other end is the command's.
  absl::Status TakeEnd() {
    const absl::optional<absl::Status> ended =
        stream_ == nullptr ? absl::nullopt : stream_->Ended();
    if (!ended) return absl::OkStatus();
    stream_.reset();
    const bool went_away = ended->ok() || absl::IsUnavailable(*ended);
    if (!seen_any_ || !went_away) {
      updates_left_ = 0;
      return *ended;
    }
    if (!live_ && !lost_) run_.Note(kLost);
    lost_ = true;
    is_stale_ = true;
    retry_at_ = run_.now() + kRetryInterval;
    return absl::OkStatus();
  }

  void SampleInTime() {
    if (run_.now() < next_sample_) return;
    board_.Sample();
    next_sample_ = run_.now() + WatchBoard::kSampleInterval;
    is_stale_ = true;
  }

  void Draw(absl::string_view state) {
    is_stale_ = false;
    if (!live_ || !seen_any_) return;
    if (screen_ == nullptr) screen_ = std::make_unique<LiveScreen>(run_.host().out);
    const TerminalSize size = run_.host().terminal.Size();
    const std::string status =
        absl::StrCat(run_.settings().server, " · ", state, state == kEnded ? "" : " · Ctrl-C ends");
    screen_->Draw(board_.Lines(size, run_.style(), status), size.rows);
    next_draw_ = run_.now() + kDrawInterval;
  }

  CommandRun& run_;
  Client& client_;
  const bool live_;
  WatchBoard board_;
  const absl::Time end_;
  int64_t updates_left_;  // negative: no bound
  v1::WatchCountersRequest request_;
  Attention attention_;
  std::unique_ptr<Updates> stream_;  // null while the server is away
  std::unique_ptr<LiveScreen> screen_;
  absl::Time next_sample_ = absl::InfinitePast();
  absl::Time retry_at_ = absl::InfinitePast();
  absl::Time next_draw_ = absl::InfinitePast();
  bool is_stale_ = false;  // the screen shows less than is known
  bool seen_any_ = false;
  bool lost_ = false;
};

absl::Status RunWatch(CommandRun& run) {
  const absl::StatusOr<std::vector<std::string>> names = NamesToWatch(run);
  if (!names.ok()) return names.status();
  absl::StatusOr<std::unique_ptr<Client>> client = run.StreamingClient();
  if (!client.ok()) return client.status();
  return Watch(run, **client, *names).Run();
}

Command WatchCommand(const std::string& path) {
  return {
      .path = path,
      .summary = "Shows counters live, until Ctrl-C.",
      .description =
          "In a terminal the numbers stand still and change in place, with hits per second and a "
          "sparkline of the last half minute. Elsewhere each change is a line; with -o json a JSON "
          "object a line. A product stands for all of its counters. A server that goes away is "
          "waited for.",
      .positionals = {{.name = "COUNTER",
                       .meaning = "Counters, account/product/counter, or products, up to 1,000 "
                                  "counters in all.",
                       .repeated = true}},
      .flags = {{.name = "duration",
                 .type = FlagType::kDuration,
                 .meaning = "End after that long."},
                {.name = "updates",
                 .type = FlagType::kInteger,
                 .value_name = "N",
                 .meaning = "End after so many new values, the first ones included."}},
      .examples = {{"Two counters",
                    absl::StrCat("livecounterctl ", path, " demo/demo/1 demo/demo/2")},
                   {"All of a product", absl::StrCat("livecounterctl ", path, " demo/demo")},
                   {"What came in ten seconds, for a program",
                    absl::StrCat("livecounterctl ", path, " demo/demo/1 -o json --duration=10s")}},
      .run = RunWatch};
}

}  // namespace

std::vector<Command> WatchCommands() {
  return {WatchCommand("watch"), WatchCommand("counter watch")};
}

}  // namespace livecounter::cli
