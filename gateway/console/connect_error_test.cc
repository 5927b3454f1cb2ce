#include "gateway/console/connect_error.h"

#include <set>
#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/escaping.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "livecounter/v1/counter_service.pb.h"
#include "nlohmann/json.hpp"
#include "services/runtime/grpc_status.h"

namespace livecounter::gateway::console {
namespace {

using ::nlohmann::json;

// The table of https://connectrpc.com/docs/protocol#error-codes.
TEST(ConnectErrorTest, EveryCodeHasItsNameAndStatus) {
  const struct {
    absl::StatusCode code;
    const char* name;
    int http_status;
  } kCases[] = {
      {absl::StatusCode::kCancelled, "canceled", 499},
      {absl::StatusCode::kUnknown, "unknown", 500},
      {absl::StatusCode::kInvalidArgument, "invalid_argument", 400},
      {absl::StatusCode::kDeadlineExceeded, "deadline_exceeded", 504},
      {absl::StatusCode::kNotFound, "not_found", 404},
      {absl::StatusCode::kAlreadyExists, "already_exists", 409},
      {absl::StatusCode::kPermissionDenied, "permission_denied", 403},
      {absl::StatusCode::kResourceExhausted, "resource_exhausted", 429},
      {absl::StatusCode::kFailedPrecondition, "failed_precondition", 400},
      {absl::StatusCode::kAborted, "aborted", 409},
      {absl::StatusCode::kOutOfRange, "out_of_range", 400},
      {absl::StatusCode::kUnimplemented, "unimplemented", 501},
      {absl::StatusCode::kInternal, "internal", 500},
      {absl::StatusCode::kUnavailable, "unavailable", 503},
      {absl::StatusCode::kDataLoss, "data_loss", 500},
      {absl::StatusCode::kUnauthenticated, "unauthenticated", 401},
  };
  std::set<std::string> names;
  for (const auto& c : kCases) {
    EXPECT_EQ(ConnectCodeName(c.code), c.name);
    EXPECT_EQ(HttpStatusOf(c.code), c.http_status) << c.name;
    names.insert(c.name);
  }
  EXPECT_EQ(names.size(), 16u);
  EXPECT_EQ(ConnectCodeName(static_cast<absl::StatusCode>(99)), "unknown");
  EXPECT_EQ(HttpStatusOf(static_cast<absl::StatusCode>(99)), 500);
}

TEST(ConnectErrorTest, IsACodeAndAMessage) {
  EXPECT_EQ(ErrorJson(absl::NotFoundError("no \"such\" counter")),
            R"({"code":"not_found","message":"no \"such\" counter","details":[{"type":)"
            R"("google.rpc.ErrorInfo","value":"CglOT1RfRk9VTkQSC2xpdmVjb3VudGVy","debug":)"
            R"({"reason":"NOT_FOUND","domain":"livecounter","metadata":{}}}]})");
  EXPECT_FALSE(json::parse(ErrorJson(absl::AbortedError(""))).contains("message"));
}

TEST(ConnectErrorTest, AlwaysSaysWhyForPrograms) {
  const auto reason = [](const absl::Status& error) {
    const json details = json::parse(ErrorJson(error))["details"];
    EXPECT_EQ(details.size(), 1u);
    EXPECT_EQ(details[0]["debug"]["domain"], "livecounter");
    return std::string(details[0]["debug"]["reason"]);
  };
  EXPECT_EQ(reason(absl::UnavailableError("bye")), "UNAVAILABLE");
  EXPECT_EQ(reason(runtime::WithReason(absl::ResourceExhaustedError(""), "TOO_MANY_SIGN_INS")),
            "TOO_MANY_SIGN_INS");
  const json stream = json::parse(EndOfStreamJson(absl::UnavailableError("bye")));
  EXPECT_EQ(stream["error"]["details"][0]["debug"]["reason"], "UNAVAILABLE");
}

TEST(ConnectErrorTest, BytesThatAreNoTextAreReplaced) {
  EXPECT_EQ(json::parse(ErrorJson(absl::UnknownError("a\xff")))["message"], "a\xef\xbf\xbd");
}

TEST(ConnectErrorTest, CarriesDetailsReadableBesideTheirBytes) {
  google::rpc::ErrorInfo info;
  info.set_reason("ETAG_MISMATCH");
  info.set_domain("livecounter");
  absl::Status error = absl::AbortedError("read again");
  error.SetPayload("type.googleapis.com/google.rpc.ErrorInfo",
                   absl::Cord(info.SerializeAsString()));
  const json details = json::parse(ErrorJson(error))["details"];
  ASSERT_EQ(details.size(), 1u);
  EXPECT_EQ(details[0]["type"], "google.rpc.ErrorInfo");
  EXPECT_EQ(details[0]["debug"]["reason"], "ETAG_MISMATCH");
  const std::string value = details[0]["value"];
  std::string bytes;
  ASSERT_TRUE(absl::Base64Unescape(value, &bytes));
  EXPECT_EQ(bytes, info.SerializeAsString());
  EXPECT_EQ(value.find('='), std::string::npos);
}

TEST(ConnectErrorTest, DetailsThatAreNotKnownHaveTheirBytesAlone) {
  absl::Status error = absl::InternalError("");
  error.SetPayload("b.example/unheard.Of", absl::Cord("\xff\xfe"));
  error.SetPayload("a.example/livecounter.v1.Counter", absl::Cord("no counter"));
  const json details = json::parse(ErrorJson(error))["details"];
  ASSERT_EQ(details.size(), 3u);
  EXPECT_EQ(details[0]["type"], "google.rpc.ErrorInfo");
  EXPECT_EQ(details[1], json({{"type", "livecounter.v1.Counter"}, {"value", "bm8gY291bnRlcg"}}));
  EXPECT_EQ(details[2], json({{"type", "unheard.Of"}, {"value", "//4"}}));
}

TEST(ConnectErrorTest, EndsAStream) {
  EXPECT_EQ(EndOfStreamJson(absl::OkStatus()), "{}");
  const json end = json::parse(EndOfStreamJson(absl::UnavailableError("bye")));
  EXPECT_EQ(end["error"]["code"], "unavailable");
  EXPECT_EQ(end["error"]["message"], "bye");
}

}  // namespace
}  // namespace livecounter::gateway::console
