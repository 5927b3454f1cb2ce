#include "services/admin/backup_downloads.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/types/optional.h"
#include "services/admin/refused_stream.h"
#include "services/counter/backup_archive.h"
#include "services/runtime/grpc_status.h"
#include "services/runtime/sha256.h"

namespace livecounter::admin {
namespace {

constexpr size_t kChunkBytes = size_t{64} << 10;
// One download has one task at a time.
constexpr size_t kMaxWaiting = 1;

absl::Status GoingDown() {
  return runtime::WithReason(
      absl::UnavailableError("the counter service is going down; begin again when it is back"),
      "DRAINING");
}

absl::Status AlreadySending() {
  return runtime::WithReason(
      absl::ResourceExhaustedError("another backup is being sent; try again when it is done"),
      "BACKUP_RUNNING");
}

}  // namespace

// The one call at a time. It is on the worker, or waits for the engine or for a write; deletes itself.
class BackupDownloads::Download final : public Reactor {
 public:
  explicit Download(BackupDownloads& downloads) : downloads_(downloads) {
    Run([this] { Copy(); });
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::CANCELLED);
    if (is_complete_) return Finish(grpc::Status::OK);
    Run([this] { SendNext(); });
  }
  void OnDone() override {
    Run([this] {
      BackupDownloads& downloads = downloads_;
      delete this;
      downloads.End();
    });
  }

 private:
  template <typename Step>
  void Run(Step step) {
    downloads_.worker_.TryRun(std::move(step));
  }

  void Fail(const absl::Status& status) { Finish(runtime::ToGrpcStatus(status)); }

  void Copy() {
    downloads_.Clear();
    std::error_code error;
    std::filesystem::create_directories(downloads_.directory_, error);
    if (error) {
      return Fail(absl::UnavailableError("could not make the directory " + downloads_.directory_ +
                                         ": " + error.message()));
    }
    const std::string copy = downloads_.directory_ + "/copy";
    downloads_.engine_.Backup(copy, [this, copy](const absl::Status& copied) {
      Run([this, copy, copied] { Open(copy, copied); });
    });
  }

  void Open(const std::string& copy, const absl::Status& copied) {
    if (!copied.ok()) return Fail(copied);
    auto archive = counter::BackupArchive::Of(copy, downloads_.clock_.Now());
    if (!archive.ok()) return Fail(archive.status());
    archive_.emplace(*std::move(archive));
    SendNext();
  }

  void SendNext() {
    if (downloads_.IsDraining()) return Fail(GoingDown());
    absl::StatusOr<std::string> data = archive_->Read(kChunkBytes);
    if (!data.ok()) return Fail(data.status());
    is_complete_ = data->empty();
    sum_.Update(*data);
    chunk_.set_data(*std::move(data));
    chunk_.set_total_bytes(archive_->size());
    if (is_complete_) chunk_.set_sha256(sum_.Finish());
    StartWrite(&chunk_);
  }

  BackupDownloads& downloads_;
  absl::optional<counter::BackupArchive> archive_;
  runtime::Sha256 sum_;
  v1::BackupChunk chunk_;
  bool is_complete_ = false;
};

BackupDownloads::BackupDownloads(std::string directory, counter::CounterEngine& engine,
                                 runtime::Clock& clock)
    : directory_(std::move(directory)),
      engine_(engine),
      clock_(clock),
      worker_(/*threads=*/1, kMaxWaiting) {
  Clear();
}

BackupDownloads::~BackupDownloads() = default;

BackupDownloads::Reactor* BackupDownloads::Start() {
  if (absl::Status begun = Begin(); !begun.ok()) return new RefusedStream<v1::BackupChunk>(begun);
  return new Download(*this);
}

void BackupDownloads::Drain() {
  absl::MutexLock lock(&mutex_);
  is_draining_ = true;
}

absl::Status BackupDownloads::Begin() {
  absl::MutexLock lock(&mutex_);
  if (is_draining_) return GoingDown();
  if (is_sending_) return AlreadySending();
  is_sending_ = true;
  return absl::OkStatus();
}

void BackupDownloads::End() {
  Clear();
  absl::MutexLock lock(&mutex_);
  is_sending_ = false;
}

bool BackupDownloads::IsDraining() const {
  absl::MutexLock lock(&mutex_);
  return is_draining_;
}

void BackupDownloads::Clear() const {
  std::error_code ignored;  // what cannot be removed now is found in the way of the next copy
  std::filesystem::remove_all(directory_, ignored);
}

}  // namespace livecounter::admin
