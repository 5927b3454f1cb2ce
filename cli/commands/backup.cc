#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/attention.h"
#include "cli/client.h"
#include "cli/commands/commands.h"
#include "cli/json.h"
#include "cli/live_screen.h"
#include "cli/new_file.h"
#include "cli/run.h"
#include "cli/text.h"
#include "nlohmann/json.hpp"
#include "services/runtime/sha256.h"

namespace livecounter::cli {
namespace {

using Admin = v1::AdminService::Stub;
using Chunks = MessageStream<v1::BackupChunk>;

constexpr absl::Duration kLongestWait = absl::Seconds(1);
constexpr size_t kBarColumns = 30;

std::string Megabytes(int64_t bytes) {
  return absl::StrFormat("%.1f MB", static_cast<double>(bytes) / 1e6);
}

// Takes the pieces of an archive over until it is whole, and shows how far it is.
class Download {
 public:
  using Write = std::function<absl::Status(absl::string_view bytes)>;

  Download(CommandRun& run, Write write, bool shows_progress)
      : run_(run), write_(std::move(write)), shows_progress_(shows_progress) {}

  void Wake() { attention_.Wake(); }

  // Until the stream ends; OK: it is what the server sent, and all of it.
  absl::Status Follow(Chunks& stream) {
    absl::optional<absl::Status> ended;
    while (!ended) {
      attention_.Wait(kLongestWait);
      if (attention_.StopRequested()) return absl::CancelledError("stopped; nothing was kept");
      for (const v1::BackupChunk& chunk : stream.Take()) {
        if (absl::Status taken = Take(chunk); !taken.ok()) return taken;
      }
      if (shows_progress_) Draw();
      ended = stream.Ended();
    }
    return ended->ok() ? CheckWhole() : *ended;
  }

  int64_t bytes() const { return bytes_; }
  const std::string& sum() const { return told_sum_; }

 private:
  absl::Status Take(const v1::BackupChunk& chunk) {
    total_ = chunk.total_bytes();
    told_sum_ = chunk.sha256();
    bytes_ += static_cast<int64_t>(chunk.data().size());
    sum_.Update(chunk.data());
    return write_(chunk.data());
  }

  absl::Status CheckWhole() {
    if (bytes_ == total_ && total_ > 0 && sum_.Finish() == told_sum_) return absl::OkStatus();
    return absl::DataLossError(absl::StrCat("what came is not what the server sent: ", bytes_,
                                            " of ", total_, " bytes, or not with the sum ",
                                            Printable(told_sum_), "; nothing was kept, try again"));
  }

  void Draw() {
    if (screen_ == nullptr) screen_ = std::make_unique<LiveScreen>(run_.host().out);
    const TerminalSize size = run_.host().terminal.Size();
    const double part = total_ > 0 ? static_cast<double>(bytes_) / static_cast<double>(total_) : 0;
    const std::string text = total_ > 0 ? absl::StrCat(Megabytes(bytes_), " of ", Megabytes(total_))
                                        : "the server makes the copy";
    screen_->Draw({Fit(absl::StrCat(Bar(part, kBarColumns), " ", text),
                       static_cast<size_t>(std::max(size.columns, 1)))},
                  size.rows);
  }

  CommandRun& run_;
  const Write write_;
  const bool shows_progress_;
  Attention attention_;
  int64_t bytes_ = 0;
  int64_t total_ = 0;
  std::string told_sum_;
  runtime::Sha256 sum_;
  std::unique_ptr<LiveScreen> screen_;
};

// The same for a file and for standard output; `end` is called when all is there.
absl::Status Fetch(CommandRun& run, const std::string& where, bool shows_progress,
                   Download::Write write, const std::function<absl::Status()>& end) {
  absl::StatusOr<Client*> client = run.client();
  if (!client.ok()) return client.status();
  std::string told;
  {
    Download download(run, std::move(write), shows_progress);
    const std::unique_ptr<Chunks> stream = (*client)->Stream(
        &Admin::DownloadBackup, v1::DownloadBackupRequest(), [&download] { download.Wake(); });
    absl::Status status = download.Follow(*stream);
    if (status.ok()) status = end();
    if (!status.ok()) return status;
    if (run.json() && where != "-") {
      run.Print(nlohmann::json({{"file", where},
                                {"bytes", std::to_string(download.bytes())},
                                {"sha256", download.sum()}})
                    .dump(2) +
                "\n");
    }
    told = absl::StrCat("wrote ", where == "-" ? "the backup" : where, ": ",
                        Megabytes(download.bytes()), ", SHA-256 ", Printable(download.sum()));
  }
  run.Note(told);
  return absl::OkStatus();
}

absl::Status ToStandardOutput(CommandRun& run) {
  if (run.host().terminal.CanRedraw()) {
    return UsageError("standard output is a terminal; name a file, or send the backup on with |");
  }
  std::ostream& out = run.host().out;
  const auto check = [&out] {
    return out ? absl::OkStatus() : absl::UnavailableError("cannot write to standard output");
  };
  return Fetch(
      run, "-", /*shows_progress=*/false,
      [&out, check](absl::string_view bytes) {
        out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        return check();
      },
      [&out, check] {
        out << std::flush;
        return check();
      });
}

absl::Status ToFile(CommandRun& run, const std::string& path) {
  const absl::StatusOr<std::unique_ptr<NewFile>> file = NewFile::Create(path);
  if (!file.ok()) return file.status();
  const bool shows_progress = !run.json() && run.host().terminal.CanRedraw();
  return Fetch(
      run, path, shows_progress, [&file](absl::string_view bytes) { return (*file)->Write(bytes); },
      [&file] { return (*file)->Commit(); });
}

absl::Status OnServer(CommandRun& run, const std::string& path) {
  v1::BackupRequest request;
  request.set_directory(path);
  absl::StatusOr<Client*> client = run.client();
  if (!client.ok()) return client.status();
  return run.Done((*client)->Call(&Admin::Backup, request),
                  absl::StrCat("wrote ", path, " on the machine of ", run.settings().server));
}

absl::Status Backup(CommandRun& run) {
  const bool on_server = run.IsTrue("on_server");
  if (!on_server && run.Argument(0) == "-") return ToStandardOutput(run);
  const std::string path = (std::filesystem::path(run.host().working_folder) / run.Argument(0))
                               .lexically_normal()
                               .string();
  return on_server ? OnServer(run, path) : ToFile(run, path);
}

}  // namespace

std::vector<Command> BackupCommands() {
  return {
      {.path = "backup",
       .summary = "Fetches a consistent copy of the store while the server runs.",
       .description =
           "For operators. The copy comes over the connection as one file, a tar with the SHA-256 "
           "sums of what is in it, whole or not at all; it is checked as it comes, and never "
           "written over anything. It holds every customer's data, so only its owner may read "
           "it.\n\n"
           "With --on_server the server writes the copy instead, as a directory, on its own "
           "machine and as its own user.\n\n"
           "A server that is started with --restore_from=PATH begins with either.",
       .positionals = {{.name = "PATH",
                        .meaning = "Where to; must not be there yet. - is standard output."}},
       .flags = {{.name = "on_server",
                  .type = FlagType::kBool,
                  .meaning = "PATH is a directory on the machine of the counter service."}},
       .examples = {{"One a day", "livecounterctl backup $(date +%F).tar"},
                    {"To another place, without a file here",
                     "livecounterctl backup - | zstd >today.tar.zst"},
                    {"On the server's own machine, where it is made of links and takes no time",
                     "livecounterctl backup --on_server /var/lib/livecounter/today"}},
       .timeout = absl::Hours(1),
       .run = Backup}};
}

}  // namespace livecounter::cli
