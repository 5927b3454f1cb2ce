#include "services/runtime/grpc_status.h"

#include <string>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"

namespace livecounter::runtime {
namespace {

constexpr struct {
  absl::StatusCode absl_code;
  grpc::StatusCode grpc_code;
} kCodes[] = {
    {absl::StatusCode::kCancelled, grpc::StatusCode::CANCELLED},
    {absl::StatusCode::kUnknown, grpc::StatusCode::UNKNOWN},
    {absl::StatusCode::kInvalidArgument, grpc::StatusCode::INVALID_ARGUMENT},
    {absl::StatusCode::kDeadlineExceeded, grpc::StatusCode::DEADLINE_EXCEEDED},
    {absl::StatusCode::kNotFound, grpc::StatusCode::NOT_FOUND},
    {absl::StatusCode::kAlreadyExists, grpc::StatusCode::ALREADY_EXISTS},
    {absl::StatusCode::kPermissionDenied, grpc::StatusCode::PERMISSION_DENIED},
    {absl::StatusCode::kResourceExhausted, grpc::StatusCode::RESOURCE_EXHAUSTED},
    {absl::StatusCode::kFailedPrecondition, grpc::StatusCode::FAILED_PRECONDITION},
    {absl::StatusCode::kAborted, grpc::StatusCode::ABORTED},
    {absl::StatusCode::kOutOfRange, grpc::StatusCode::OUT_OF_RANGE},
    {absl::StatusCode::kUnimplemented, grpc::StatusCode::UNIMPLEMENTED},
    {absl::StatusCode::kInternal, grpc::StatusCode::INTERNAL},
    {absl::StatusCode::kUnavailable, grpc::StatusCode::UNAVAILABLE},
    {absl::StatusCode::kDataLoss, grpc::StatusCode::DATA_LOSS},
    {absl::StatusCode::kUnauthenticated, grpc::StatusCode::UNAUTHENTICATED},
};

TEST(GrpcStatusTest, OkIsOkBothWays) {
  EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok());
  EXPECT_TRUE(FromGrpcStatus(grpc::Status::OK).ok());
}

TEST(GrpcStatusTest, EveryErrorKeepsItsCodeAndMessageBothWays) {
  ASSERT_EQ(std::size(kCodes), 16u);
  for (const auto& c : kCodes) {
    const grpc::Status to = ToGrpcStatus(absl::Status(c.absl_code, "why"));
    EXPECT_EQ(to.error_code(), c.grpc_code) << absl::StatusCodeToString(c.absl_code);
    EXPECT_EQ(to.error_message(), "why");
    EXPECT_EQ(ReasonOf(FromGrpcStatus(to)), absl::StatusCodeToString(c.absl_code));
    EXPECT_EQ(FromGrpcStatus(to), absl::Status(c.absl_code, "why"));
    const absl::Status from = FromGrpcStatus(grpc::Status(c.grpc_code, "why"));
    EXPECT_EQ(from, absl::Status(c.absl_code, "why"));
  }
}

TEST(GrpcStatusTest, ACodeThatNobodyDefinedIsUnknown) {
  for (int code : {-1, 17}) {
    const grpc::Status odd(static_cast<grpc::StatusCode>(code), "odd");
    EXPECT_EQ(FromGrpcStatus(odd), absl::UnknownError("odd"));
  }
}

TEST(GrpcStatusTest, EveryErrorCarriesAnErrorInfoOfOurDomain) {
  const absl::Status status = WithReason(absl::NotFoundError("no account accounts/a"),
                                         "ACCOUNT_NOT_FOUND", {{"resource", "accounts/a"}});
  google::rpc::Status details;
  ASSERT_TRUE(details.ParseFromString(ToGrpcStatus(status).error_details()));
  EXPECT_EQ(details.code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(details.message(), "no account accounts/a");
  ASSERT_EQ(details.details_size(), 1);
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(details.details(0).UnpackTo(&info));
  EXPECT_EQ(info.domain(), "livecounter");
  EXPECT_EQ(info.reason(), "ACCOUNT_NOT_FOUND");
  EXPECT_EQ(info.metadata().at("resource"), "accounts/a");
}

TEST(GrpcStatusTest, AReasonSurvivesTheWireAndTheNextHop) {
  const absl::Status status = WithReason(absl::ResourceExhaustedError("why"), "LOAD_TOO_SOON");
  const absl::Status received = FromGrpcStatus(ToGrpcStatus(status));
  EXPECT_EQ(received, status);
  EXPECT_EQ(ReasonOf(FromGrpcStatus(ToGrpcStatus(received))), "LOAD_TOO_SOON");
}

TEST(GrpcStatusTest, DetailsThatAreNotOursAreLeftOut) {
  google::rpc::ErrorInfo info;
  info.set_domain("example.com");
  info.set_reason("THEIRS");
  google::rpc::Status details;
  details.add_details()->PackFrom(info);
  for (const std::string& bytes : {details.SerializeAsString(), std::string("\xFF")}) {
    const grpc::Status odd(grpc::StatusCode::NOT_FOUND, "why", bytes);
    EXPECT_EQ(FromGrpcStatus(odd), absl::NotFoundError("why"));
  }
}

}  // namespace
}  // namespace livecounter::runtime
