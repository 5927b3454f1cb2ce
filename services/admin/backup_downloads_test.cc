#include "services/admin/backup_downloads.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "livecounter/v1/admin_service.grpc.pb.h"
#include "services/counter/backup_archive.h"
#include "services/counter/embedded/scratch_directory.h"
#include "services/counter/fake_engine.h"
#include "services/runtime/grpc_server.h"
#include "services/runtime/grpc_status.h"
#include "services/runtime/grpc_test_support.h"
#include "services/runtime/sha256.h"

namespace livecounter::admin {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// The method alone, without what AdminService checks before.
class DownloadService final : public v1::AdminService::CallbackService {
 public:
  explicit DownloadService(BackupDownloads& downloads) : downloads_(downloads) {}
  BackupDownloads::Reactor* DownloadBackup(grpc::CallbackServerContext*,
                                           const v1::DownloadBackupRequest*) override {
    return downloads_.Start();
  }

 private:
  BackupDownloads& downloads_;
};

// A call that is read by the test.
struct Call {
  explicit Call(v1::AdminService::Stub& stub)
      : reader(stub.DownloadBackup(&context, v1::DownloadBackupRequest())) {}

  bool Read() { return reader->Read(&chunk); }
  // What is left of the archive.
  std::string ReadAll() {
    std::string archive;
    while (Read()) archive += chunk.data();
    return archive;
  }
  absl::Status Finish() { return runtime::FromGrpcStatus(reader->Finish()); }

  grpc::ClientContext context;
  v1::BackupChunk chunk;
  std::unique_ptr<grpc::ClientReader<v1::BackupChunk>> reader;
};

class BackupDownloadsTest : public ::testing::Test {
 protected:
  BackupDownloadsTest() {
    runtime::KeepGrpcRunning();
    fs::create_directories(fs::path(directory_) / "copy");
    std::ofstream(fs::path(directory_) / "copy" / "of-an-earlier-process") << "x";
    engine_.backup = [this](const std::string& directory) {
      if (!refusal_.ok()) return refusal_;
      EXPECT_FALSE(fs::exists(directory));
      fs::create_directories(directory);
      std::ofstream(fs::path(directory) / "CURRENT") << content_;
      return absl::OkStatus();
    };
    downloads_ = std::make_unique<BackupDownloads>(directory_, engine_, clock_);
    service_ = std::make_unique<DownloadService>(*downloads_);
    auto server =
        runtime::GrpcServer::Start({}, {{v1::AdminService::service_full_name(), service_.get()}});
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    stub_ = v1::AdminService::NewStub(server_->InProcessChannel());
  }
  ~BackupDownloadsTest() override {
    server_ = nullptr;
    downloads_ = nullptr;  // waits for its worker, which removes the copy
    EXPECT_FALSE(fs::exists(directory_));
  }

  counter::embedded::ScratchDirectory scratch_;
  const std::string directory_ = scratch_.Path("in-progress");
  const std::string content_ = std::string(1'000'000, 'c');
  absl::Status refusal_;
  runtime::FakeClock clock_;
  counter::FakeEngine engine_;
  std::unique_ptr<BackupDownloads> downloads_;
  std::unique_ptr<DownloadService> service_;
  std::unique_ptr<runtime::GrpcServer> server_;
  std::unique_ptr<v1::AdminService::Stub> stub_;
};

TEST_F(BackupDownloadsTest, WhatIsLeftOfAnEarlierProcessGoes) {
  EXPECT_FALSE(fs::exists(directory_));
}

TEST_F(BackupDownloadsTest, ItIsTheArchiveOfTheEnginesCopy) {
  Call call(*stub_);
  const std::string archive = call.ReadAll();
  ASSERT_TRUE(call.Finish().ok());
  EXPECT_EQ(static_cast<int64_t>(archive.size()), call.chunk.total_bytes());
  runtime::Sha256 sum;
  sum.Update(archive);
  EXPECT_EQ(call.chunk.sha256(), sum.Finish());
  std::istringstream bytes(archive);
  ASSERT_TRUE(counter::UnpackBackup(bytes, scratch_.Path("unpacked")).ok());
  EXPECT_EQ(fs::file_size(scratch_.Path("unpacked/CURRENT")), content_.size());
}

TEST_F(BackupDownloadsTest, OneIsSentAtATime) {
  Call first(*stub_);
  ASSERT_TRUE(first.Read());
  Call second(*stub_);
  EXPECT_FALSE(second.Read());
  const absl::Status refused = second.Finish();
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(runtime::ReasonOf(refused), "BACKUP_RUNNING");
  first.ReadAll();
  EXPECT_TRUE(first.Finish().ok());
}

TEST_F(BackupDownloadsTest, WhoLeavesMakesRoomForTheNext) {
  {
    Call first(*stub_);
    ASSERT_TRUE(first.Read());
    first.context.TryCancel();
    EXPECT_FALSE(first.Finish().ok());
  }
  absl::Status status;
  do {  // until the server has heard of it
    Call next(*stub_);
    next.ReadAll();
    status = next.Finish();
  } while (absl::IsResourceExhausted(status));
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(BackupDownloadsTest, ADrainEndsTheOneAndRefusesTheNext) {
  Call running(*stub_);
  ASSERT_TRUE(running.Read());
  downloads_->Drain();
  EXPECT_LT(running.ReadAll().size(), content_.size());
  EXPECT_EQ(running.Finish().code(), absl::StatusCode::kUnavailable);
  Call next(*stub_);
  EXPECT_FALSE(next.Read());
  EXPECT_EQ(runtime::ReasonOf(next.Finish()), "DRAINING");
}

TEST_F(BackupDownloadsTest, WhatTheEngineRefusesIsTold) {
  refusal_ = absl::UnavailableError("the disk is full");
  Call call(*stub_);
  EXPECT_FALSE(call.Read());
  const absl::Status status = call.Finish();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("the disk is full"));
}

}  // namespace
}  // namespace livecounter::admin
