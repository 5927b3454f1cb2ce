#include "services/admin/endpoint_tests.h"

#include <grpcpp/client_context.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "livecounter/v1/admin_service.grpc.pb.h"
#include "services/admin/catalog_fixture.h"
#include "services/runtime/grpc_client.h"
#include "services/runtime/grpc_server.h"
#include "services/runtime/grpc_test_support.h"

namespace livecounter::admin {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr char kProduct[] = "accounts/shop/products/site";
constexpr char kEndpoint[] = "https://shop.example/verify";

// A verifier that answers what the test tells it to.
class FakeVerifier final : public v1::VerifierService::Service {
 public:
  grpc::Status ProbeEndpoint(grpc::ServerContext* context, const v1::ProbeEndpointRequest* request,
                             grpc::ServerWriter<v1::VerificationProgress>* writer) override {
    requests.push_back(*request);
    const auto header = context->client_metadata().find("authorization");
    if (header != context->client_metadata().end()) {
      authorization = std::string(header->second.data(), header->second.size());
    }
    if (hangs) {
      while (!context->IsCancelled()) {
        if (!writer->Write(v1::VerificationProgress())) break;
      }
      return grpc::Status::CANCELLED;
    }
    for (int i = 1; i <= steps; ++i) {
      v1::VerificationProgress progress;
      progress.set_answered(i);
      writer->Write(progress);
    }
    if (!status.ok()) return runtime::ToGrpcStatus(status);
    v1::VerificationProgress last;
    last.set_step(v1::VerificationProgress::SUMMARY);
    last.set_done(true);
    last.set_passed(passes);
    last.set_reason(passes ? "" : "too slow");
    writer->Write(last);
    return grpc::Status::OK;
  }

  std::vector<v1::ProbeEndpointRequest> requests;
  std::string authorization;
  int steps = 3;
  bool passes = true;
  bool hangs = false;
  absl::Status status;
};

// The two methods alone, without what AdminService checks before.
class TestsService final : public v1::AdminService::CallbackService {
 public:
  explicit TestsService(EndpointTests& tests) : tests_(tests) {}
  EndpointTests::Reactor* TestVerification(grpc::CallbackServerContext*,
                                           const v1::TestVerificationRequest* request) override {
    return tests_.Test(*request, absl::nullopt);
  }
  EndpointTests::Reactor* SaveVerification(grpc::CallbackServerContext*,
                                           const v1::SaveVerificationRequest* request) override {
    return tests_.Save(*request, absl::nullopt);
  }

 private:
  EndpointTests& tests_;
};

struct Outcome {
  std::vector<v1::VerificationProgress> progress;
  absl::Status status;
};

class EndpointTestsTest : public CatalogTest {
 protected:
  EndpointTestsTest() {
    runtime::KeepGrpcRunning();
    CreateAccount("shop");
    CreateProduct("accounts/shop", "site");
    verifier_server_ = Serve(v1::VerifierService::service_full_name(), &verifier_);
    tests_ = std::make_unique<EndpointTests>(
        EndpointTests::Verifier{verifier_server_->InProcessChannel(), "edge-token"}, admin().parts,
        admin().products, workers_, logger_);
    service_ = std::make_unique<TestsService>(*tests_);
    server_ = Serve(v1::AdminService::service_full_name(), service_.get());
    stub_ = v1::AdminService::NewStub(server_->InProcessChannel());
  }
  ~EndpointTestsTest() override {
    server_ = nullptr;
    verifier_server_ = nullptr;
  }

  static std::unique_ptr<runtime::GrpcServer> Serve(const char* name, grpc::Service* service) {
    auto server = runtime::GrpcServer::Start({}, {{name, service}});
    EXPECT_TRUE(server.ok()) << server.status();
    return *std::move(server);
  }

  template <typename Reader>
  static Outcome ReadAll(Reader reader) {
    Outcome outcome;
    v1::VerificationProgress progress;
    while (reader->Read(&progress)) outcome.progress.push_back(progress);
    outcome.status = runtime::FromGrpcStatus(reader->Finish());
    return outcome;
  }
  Outcome Test(const std::string& endpoint = kEndpoint) {
    v1::TestVerificationRequest request;
    request.set_name(kProduct);
    request.mutable_verification()->set_endpoint_uri(endpoint);
    grpc::ClientContext context;
    return ReadAll(stub_->TestVerification(&context, request));
  }
  Outcome Save(const std::string& endpoint = kEndpoint, bool enabled = true) {
    v1::SaveVerificationRequest request;
    request.set_name(kProduct);
    request.mutable_verification()->set_endpoint_uri(endpoint);
    request.mutable_verification()->set_enabled(enabled);
    grpc::ClientContext context;
    return ReadAll(stub_->SaveVerification(&context, request));
  }
  v1::Verification Saved() {
    v1::GetProductRequest request;
    request.set_name(kProduct);
    return Value(admin().products.Get(request)).verification();
  }

  observability::Logger logger_{{.minimum = observability::LogLevel::kError}};
  runtime::WorkerPool workers_{2, 10};
  FakeVerifier verifier_;
  std::unique_ptr<runtime::GrpcServer> verifier_server_;
  std::unique_ptr<EndpointTests> tests_;
  std::unique_ptr<TestsService> service_;
  std::unique_ptr<runtime::GrpcServer> server_;
  std::unique_ptr<v1::AdminService::Stub> stub_;
};

TEST_F(EndpointTestsTest, ProgressIsPassedOnAndATestStoresNothing) {
  const v1::ApiKey key = CreateKey(kProduct);
  const Outcome outcome = Test();
  EXPECT_TRUE(outcome.status.ok()) << outcome.status;
  ASSERT_THAT(outcome.progress, SizeIs(4));
  EXPECT_EQ(outcome.progress[0].answered(), 1);
  EXPECT_TRUE(outcome.progress[3].done());
  EXPECT_EQ(Saved().endpoint_uri(), "");

  ASSERT_THAT(verifier_.requests, SizeIs(1));
  const v1::ProbeEndpointRequest& probe = verifier_.requests[0];
  EXPECT_EQ(probe.product(), kProduct);
  EXPECT_EQ(probe.endpoint().uri(), kEndpoint);
  EXPECT_THAT(probe.endpoint().api_keys(), ElementsAre(key.key()));
  EXPECT_THAT(probe.endpoint().signing_secret(), StartsWith("whsec_"));
  EXPECT_FALSE(probe.ownership_only());
  EXPECT_EQ(verifier_.authorization, "Bearer edge-token");
}

TEST_F(EndpointTestsTest, WhatPassesIsSaved) {
  CreateKey(kProduct);
  const Outcome outcome = Save();
  EXPECT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_TRUE(outcome.progress.back().passed());
  EXPECT_EQ(Saved().endpoint_uri(), kEndpoint);
  EXPECT_TRUE(Saved().enabled());
  EXPECT_TRUE(Save(kEndpoint, /*enabled=*/false).status.ok());
  EXPECT_FALSE(Saved().enabled());
}

TEST_F(EndpointTestsTest, WhatFailsIsNotSavedAndSaysWhy) {
  CreateKey(kProduct);
  verifier_.passes = false;
  const Outcome outcome = Save();
  EXPECT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_EQ(outcome.progress.back().reason(), "too slow");
  EXPECT_EQ(Saved().endpoint_uri(), "");
  Save();
  EXPECT_FALSE(verifier_.requests.back().ownership_only());
}

TEST_F(EndpointTestsTest, WhatPassedWithinTenMinutesRepeatsOnlyOwnership) {
  CreateKey(kProduct);
  Test();
  Save("https://shop.example/other");
  EXPECT_FALSE(verifier_.requests.back().ownership_only());
  clock_.Advance(absl::Minutes(9));
  Save();
  EXPECT_TRUE(verifier_.requests.back().ownership_only());
  EXPECT_EQ(Saved().endpoint_uri(), kEndpoint);
  Test();  // a test is always whole
  EXPECT_FALSE(verifier_.requests.back().ownership_only());
  clock_.Advance(absl::Minutes(10));
  Save();
  EXPECT_FALSE(verifier_.requests.back().ownership_only());
  clock_.Advance(absl::Minutes(6));
  Save();
  EXPECT_TRUE(verifier_.requests.back().ownership_only());
  clock_.Advance(absl::Minutes(6));  // ownership alone does not count anew
  Save();
  EXPECT_FALSE(verifier_.requests.back().ownership_only());
}

TEST_F(EndpointTestsTest, WithoutAnEndpointTheProductsOwnIsTested) {
  CreateKey(kProduct);
  EXPECT_EQ(Test("").status.code(), absl::StatusCode::kFailedPrecondition);
  Save();
  EXPECT_TRUE(Test("").status.ok());
  EXPECT_EQ(verifier_.requests.back().endpoint().uri(), kEndpoint);
}

TEST_F(EndpointTestsTest, WhatCannotBeTestedIsToldBeforeTheVerifierIsAsked) {
  EXPECT_EQ(runtime::ReasonOf(Test().status), "NO_API_KEY");
  CreateKey(kProduct);
  for (const char* uri : {"shop.example/verify", "ftp://shop.example", "https://", "https://:443/",
                          "https://ann@shop.example/", "https://shop.example/#x",
                          "https://shop.example/a b", "https:///verify"}) {
    EXPECT_EQ(Test(uri).status.code(), absl::StatusCode::kInvalidArgument) << uri;
  }
  EXPECT_EQ(Test("https://shop.example/" + std::string(2'048, 'a')).status.code(),
            absl::StatusCode::kInvalidArgument);
  v1::TestVerificationRequest other;
  other.set_name("accounts/shop/products/other");
  grpc::ClientContext context;
  EXPECT_EQ(ReadAll(stub_->TestVerification(&context, other)).status.code(),
            absl::StatusCode::kNotFound);
  EXPECT_THAT(verifier_.requests, SizeIs(0));
}

TEST_F(EndpointTestsTest, WithoutAVerifierNothingCanBeTested) {
  CreateKey(kProduct);
  EndpointTests tests({}, admin().parts, admin().products, workers_, logger_);
  TestsService service(tests);
  const auto server = Serve(v1::AdminService::service_full_name(), &service);
  v1::TestVerificationRequest request;
  request.set_name(kProduct);
  request.mutable_verification()->set_endpoint_uri(kEndpoint);
  grpc::ClientContext context;
  const auto stub = v1::AdminService::NewStub(server->InProcessChannel());
  EXPECT_EQ(runtime::ReasonOf(ReadAll(stub->TestVerification(&context, request)).status),
            "NO_VERIFIER");
}

TEST_F(EndpointTestsTest, WhatTheVerifierRefusesIsPassedOnWithItsReason) {
  CreateKey(kProduct);
  verifier_.status =
      runtime::WithReason(absl::ResourceExhaustedError("60 s between loads"), "LOAD_TOO_SOON");
  const Outcome outcome = Save();
  EXPECT_EQ(outcome.status, verifier_.status);
  EXPECT_EQ(Saved().endpoint_uri(), "");
}

TEST_F(EndpointTestsTest, WhatCannotBeStoredIsNotToldToHavePassed) {
  CreateKey(kProduct);
  store_.RefuseWrites(absl::UnavailableError("the disk is full"));
  const Outcome outcome = Save();
  EXPECT_EQ(outcome.status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(outcome.status.message()), HasSubstr("the disk is full"));
  EXPECT_THAT(outcome.progress, SizeIs(3));
}

TEST_F(EndpointTestsTest, ACallerWhoLeavesEndsTheTest) {
  CreateKey(kProduct);
  verifier_.hangs = true;
  v1::TestVerificationRequest request;
  request.set_name(kProduct);
  request.mutable_verification()->set_endpoint_uri(kEndpoint);
  grpc::ClientContext context;
  const auto reader = stub_->TestVerification(&context, request);
  v1::VerificationProgress progress;
  EXPECT_TRUE(reader->Read(&progress));
  context.TryCancel();
  while (reader->Read(&progress)) {
  }
  EXPECT_EQ(reader->Finish().error_code(), grpc::CANCELLED);
  // The servers end without waiting for the verifier: see the destructor.
}

TEST_F(EndpointTestsTest, AVerifierThatIsAwayIsUnavailable) {
  CreateKey(kProduct);
  // Port 1 of loopback: nobody listens.
  EndpointTests tests({*runtime::MakeGrpcChannel({.target = "127.0.0.1:1"}), "edge-token"},
                      admin().parts, admin().products, workers_, logger_);
  TestsService service(tests);
  const auto server = Serve(v1::AdminService::service_full_name(), &service);
  v1::TestVerificationRequest request;
  request.set_name(kProduct);
  request.mutable_verification()->set_endpoint_uri(kEndpoint);
  grpc::ClientContext context;
  const auto stub = v1::AdminService::NewStub(server->InProcessChannel());
  const absl::Status told = ReadAll(stub->TestVerification(&context, request)).status;
  EXPECT_EQ(told.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(runtime::ReasonOf(told), "VERIFIER_UNAVAILABLE");
  EXPECT_THAT(std::string(told.message()), Not(HasSubstr("127.0.0.1"))) << "where it is";
}

TEST_F(EndpointTestsTest, AFaultBetweenUsAndTheVerifierIsNotTheCustomers) {
  CreateKey(kProduct);
  for (const absl::Status& fault :
       {absl::UnauthenticatedError("the edge token is wrong"),
        absl::PermissionDeniedError("not with this token"),
        absl::UnimplementedError("unknown method"), absl::InternalError("a bug at 10.1.2.3")}) {
    verifier_.status = fault;
    const Outcome outcome = Test();
    EXPECT_EQ(outcome.status.code(), absl::StatusCode::kUnavailable) << fault;
    EXPECT_EQ(runtime::ReasonOf(outcome.status), "VERIFIER_UNAVAILABLE") << fault;
    EXPECT_THAT(std::string(outcome.status.message()),
                Not(HasSubstr(std::string(fault.message()))));
  }
  for (const absl::Status& answer : {absl::InvalidArgumentError("the address is refused"),
                                     absl::DeadlineExceededError("late")}) {
    verifier_.status = answer;
    EXPECT_EQ(Test().status, answer);
  }
}

}  // namespace
}  // namespace livecounter::admin
