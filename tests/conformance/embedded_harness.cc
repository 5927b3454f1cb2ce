#include "tests/conformance/embedded_harness.h"

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/counter/embedded/embedded_engine.h"
#include "services/counter/embedded/faulty_disk.h"
#include "services/counter/embedded/scratch_directory.h"

namespace livecounter::counter {
namespace {

using embedded::DiskFault;

void DieUnlessOk(const absl::Status& status) {
  if (status.ok()) return;
  std::cerr << "the embedded engine does not open: " << status << "\n";
  std::abort();
}

class EmbeddedHarness final : public EngineHarness {
 public:
  explicit EmbeddedHarness(const HarnessOptions& options) : options_(options) { Open(); }

  CounterEngine& engine() override { return *engine_; }

  void Reopen() override {
    engine_.reset();
    Open();
  }

  void Crash() override {
    disk_.CutPower();
    engine_.reset();
    disk_.RestorePower();
    Open();
  }

  void RestoreFrom(const std::string& backup_directory) override {
    engine_.reset();
    std::filesystem::remove_all(data_directory_);
    disk_.RestorePower();  // it forgets those files
    DieUnlessOk(EmbeddedEngine::RestoreFrom(backup_directory, data_directory_).status());
    Open();
  }

  std::string NewDirectory() override {
    return scratch_.Path(absl::StrCat("new-", ++new_directories_));
  }

  void FillDisk() override { disk_.Fail(DiskFault::kFull); }
  // Time passes too: a full disk is not looked at all the time.
  void FreeDisk() override {
    disk_.Heal();
    clock().Advance(absl::Seconds(1));
  }

  void CheckInvariants() override { engine_->CheckInvariants(); }

 private:
  void Open() {
    EmbeddedEngineOptions options;
    options.directory = data_directory_;
    options.max_live_keys_per_product = options_.max_live_keys_per_product;
    options.env = disk_.env();
    if (options_.little_memory) {
      options.shards = 2;
      options.max_counters_in_memory = 4;
      options.max_senders_in_memory = 2;
      options.block_cache_bytes = 0;
    }
    auto engine = EmbeddedEngine::Open(options, clock());
    DieUnlessOk(engine.status());
    engine_ = *std::move(engine);
  }

  const HarnessOptions options_;
  embedded::ScratchDirectory scratch_;
  const std::string data_directory_ = scratch_.Path("data");
  embedded::FaultyDisk disk_;
  std::unique_ptr<EmbeddedEngine> engine_;
  int new_directories_ = 0;
};

}  // namespace

std::unique_ptr<EngineHarness> MakeEmbeddedHarness(const HarnessOptions& options) {
  return std::make_unique<EmbeddedHarness>(options);
}

}  // namespace livecounter::counter
