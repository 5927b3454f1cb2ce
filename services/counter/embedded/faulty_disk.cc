#include "services/counter/embedded/faulty_disk.h"

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "rocksdb/env.h"
#include "rocksdb/file_system.h"

namespace livecounter::counter::embedded {
namespace {

using rocksdb::FileOptions;
using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

enum class Operation { kAppend, kSync, kFile };

}  // namespace

class FaultyFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  FaultyFileSystem() : rocksdb::FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "FaultyDisk"; }

  void Fail(DiskFault fault, int64_t after) {
    absl::MutexLock lock(&mutex_);
    fault_ = fault;
    healthy_writes_left_ = after;
  }

  int64_t writes() const {
    absl::MutexLock lock(&mutex_);
    return writes_;
  }

  void CutPower() {
    absl::MutexLock lock(&mutex_);
    powered_ = false;
  }

  void RestorePower() {
    absl::MutexLock lock(&mutex_);
    powered_ = true;
    std::error_code ignored;  // a file that is gone has nothing to lose
    for (const auto& [path, synced] : synced_) std::filesystem::resize_file(path, synced, ignored);
    synced_.clear();
  }

  // One write is about to happen; what is to become of it. `torn` may be null.
  IOStatus Admit(Operation operation, bool* torn) {
    absl::MutexLock lock(&mutex_);
    ++writes_;
    if (!powered_) return IOStatus::IOError("the power is cut");
    if (fault_ == DiskFault::kNone || healthy_writes_left_-- > 0) return IOStatus::OK();
    healthy_writes_left_ = 0;
    switch (fault_) {
      case DiskFault::kBroken:
        return IOStatus::IOError("injected I/O error");
      case DiskFault::kSyncFails:
        if (operation != Operation::kSync) return IOStatus::OK();
        break;
      case DiskFault::kTorn:
        if (torn != nullptr) *torn = true;
        break;
      default:
        break;
    }
    return IOStatus::NoSpace("injected: no space left on device");
  }

  void NoteSynced(const std::string& path, uint64_t size) {
    absl::MutexLock lock(&mutex_);
    synced_[path] = size;
  }

  IOStatus NewWritableFile(const std::string& path, const FileOptions& options,
                           std::unique_ptr<FSWritableFile>* result, IODebugContext* debug) override;
  IOStatus ReopenWritableFile(const std::string& path, const FileOptions& options,
                              std::unique_ptr<FSWritableFile>* result,
                              IODebugContext* debug) override;

  IOStatus NewDirectory(const std::string& path, const IOOptions& options,
                        std::unique_ptr<rocksdb::FSDirectory>* result,
                        IODebugContext* debug) override;

  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* debug) override {
    IOStatus status = Admit(Operation::kFile, nullptr);
    if (status.ok()) status = target()->RenameFile(from, to, options, debug);
    if (!status.ok()) return status;
    absl::MutexLock lock(&mutex_);
    if (const auto found = synced_.find(from); found != synced_.end()) {
      const uint64_t size = found->second;
      synced_.erase(found);
      synced_[to] = size;
    }
    return status;
  }

  IOStatus DeleteFile(const std::string& path, const IOOptions& options,
                      IODebugContext* debug) override {
    IOStatus status = Admit(Operation::kFile, nullptr);
    if (status.ok()) status = target()->DeleteFile(path, options, debug);
    if (!status.ok()) return status;
    absl::MutexLock lock(&mutex_);
    synced_.erase(path);
    return status;
  }

 private:
  mutable absl::Mutex mutex_;
  DiskFault fault_ ABSL_GUARDED_BY(mutex_) = DiskFault::kNone;
  int64_t healthy_writes_left_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t writes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool powered_ ABSL_GUARDED_BY(mutex_) = true;
  // Bytes of each file that would survive a power cut.
  absl::flat_hash_map<std::string, uint64_t> synced_ ABSL_GUARDED_BY(mutex_);
};

namespace {

// One file being written.
class FaultyFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyFile(std::string path, std::unique_ptr<FSWritableFile> file, FaultyFileSystem& disk)
      : rocksdb::FSWritableFileOwnerWrapper(std::move(file)), path_(std::move(path)), disk_(disk) {}

  using rocksdb::FSWritableFileOwnerWrapper::Append;
  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    bool torn = false;
    IOStatus status = disk_.Admit(Operation::kAppend, &torn);
    if (status.ok()) return target()->Append(data, options, debug);
    if (torn) {
      target()->Append(Slice(data.data(), data.size() / 2), options, debug).PermitUncheckedError();
    }
    return status;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }

  IOStatus Sync(const IOOptions&, IODebugContext*) override { return Sync(); }
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return Sync(); }
  IOStatus RangeSync(uint64_t, uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }
  IOStatus Allocate(uint64_t, uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }

 private:
  IOStatus Sync() {
    IOStatus status = disk_.Admit(Operation::kSync, nullptr);
    if (status.ok()) disk_.NoteSynced(path_, target()->GetFileSize(IOOptions(), nullptr));
    return status;
  }

  const std::string path_;
  FaultyFileSystem& disk_;
};

// Which files it holds is always safe.
class Directory final : public rocksdb::FSDirectoryWrapper {
 public:
  using rocksdb::FSDirectoryWrapper::FSDirectoryWrapper;
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus FsyncWithDirOptions(const IOOptions&, IODebugContext*,
                               const rocksdb::DirFsyncOptions&) override {
    return IOStatus::OK();
  }
};

// RocksDB pauses for a second after a failed flush; here it does not.
class ImpatientEnv final : public rocksdb::EnvWrapper {
 public:
  explicit ImpatientEnv(std::unique_ptr<rocksdb::Env> machine)
      : rocksdb::EnvWrapper(std::move(machine)) {
    file_system_ = target()->GetFileSystem();
  }

  void SleepForMicroseconds(int) override { target()->SleepForMicroseconds(100); }
};

}  // namespace

IOStatus FaultyFileSystem::NewWritableFile(const std::string& path, const FileOptions& options,
                                           std::unique_ptr<FSWritableFile>* result,
                                           IODebugContext* debug) {
  IOStatus status = Admit(Operation::kFile, nullptr);
  std::unique_ptr<FSWritableFile> file;
  if (status.ok()) status = target()->NewWritableFile(path, options, &file, debug);
  if (!status.ok()) return status;
  NoteSynced(path, 0);
  *result = std::make_unique<FaultyFile>(path, std::move(file), *this);
  return status;
}

IOStatus FaultyFileSystem::ReopenWritableFile(const std::string& path, const FileOptions& options,
                                              std::unique_ptr<FSWritableFile>* result,
                                              IODebugContext* debug) {
  IOStatus status = Admit(Operation::kFile, nullptr);
  std::unique_ptr<FSWritableFile> file;
  if (status.ok()) status = target()->ReopenWritableFile(path, options, &file, debug);
  if (!status.ok()) return status;
  *result = std::make_unique<FaultyFile>(path, std::move(file), *this);
  return status;
}

IOStatus FaultyFileSystem::NewDirectory(const std::string& path, const IOOptions& options,
                                        std::unique_ptr<rocksdb::FSDirectory>* result,
                                        IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSDirectory> directory;
  IOStatus status = target()->NewDirectory(path, options, &directory, debug);
  if (status.ok()) *result = std::make_unique<Directory>(std::move(directory));
  return status;
}

FaultyDisk::FaultyDisk()
    : file_system_(std::make_shared<FaultyFileSystem>()),
      env_(std::make_unique<ImpatientEnv>(rocksdb::NewCompositeEnv(file_system_))) {}

FaultyDisk::~FaultyDisk() = default;

void FaultyDisk::Fail(DiskFault fault, int64_t after) { file_system_->Fail(fault, after); }

int64_t FaultyDisk::writes() const { return file_system_->writes(); }

void FaultyDisk::CutPower() { file_system_->CutPower(); }

void FaultyDisk::RestorePower() { file_system_->RestorePower(); }

rocksdb::Env* FaultyDisk::env() { return env_.get(); }

}  // namespace livecounter::counter::embedded
