#include <string>

#include "cli/cli_fixture.h"
#include "livecounter/v1/admin_service.pb.h"

namespace livecounter::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class VerificationTest : public CliTest {
 protected:
  using Progress = v1::VerificationProgress;

  static Progress Step(Progress::Step step, int answered, int expected, bool over) {
    Progress progress;
    progress.set_step(step);
    progress.set_answered(answered);
    progress.set_expected(expected);
    progress.set_step_done(over);
    progress.set_passed(over && answered == expected);
    return progress;
  }
  static Progress WithLatency(Progress progress) {
    v1::LatencySummary* const latency = progress.mutable_latency();
    latency->mutable_p50()->set_nanos(48'000'000);
    latency->mutable_p95()->set_nanos(80'000'000);
    latency->mutable_p99()->set_nanos(90'000'000);
    latency->mutable_max()->set_nanos(120'000'000);
    for (int i = 1; i <= 2; ++i) {
      v1::LatencySummary::Bucket* const bucket = latency->add_buckets();
      bucket->mutable_up_to()->set_nanos(i * 50'000'000);
      bucket->set_calls(250 * i);
    }
    return progress;
  }
  static Progress Done(bool passed, const std::string& reason) {
    Progress progress;
    progress.set_step(Progress::SUMMARY);
    progress.set_done(true);
    progress.set_passed(passed);
    progress.set_reason(reason);
    return progress;
  }

  const Progress first_ = Step(Progress::OWNERSHIP_INVALID, 1, 1, true);
  const Progress half_ = Step(Progress::LOAD_VALID, 250, 500, false);
  const Progress load_ = WithLatency(Step(Progress::LOAD_VALID, 500, 500, true));
};

TEST_F(VerificationTest, ElsewhereThanInATerminalEachStepIsALine) {
  const Progress passed = Done(true, "");
  server_.AnswerStream("AdminService/TestVerification", {&first_, &half_, &load_, &passed});
  ASSERT_EQ(Run("product test demo/web https://shop.example/verify"), 0) << err_;
  EXPECT_THAT(out_,
              testing::StartsWith(
                  "step 1 of 4, w-invalid is refused: 1/1 passed\n"
                  "step 4 of 4, load of w-valid: 500/500 passed (p50 48 ms, p95 80 ms, p99 90 ms, "
                  "max 120 ms)\n"
                  "the test passed\n"));
  EXPECT_THAT(out_, HasSubstr("≤ 100 ms ████████████████████████████████████████ 500"));
  EXPECT_THAT(out_, HasSubstr("≤ 50 ms ████████████████████ "));
  EXPECT_THAT(server_.RequestsOf("AdminService/TestVerification"),
              ElementsAre("name: \"accounts/demo/products/web\" verification { endpoint_uri: "
                          "\"https://shop.example/verify\" }"));
}

TEST_F(VerificationTest, ATestThatFailsSaysWhyAndExitsWithOne) {
  const Progress failed = Done(false, "w-valid was answered with 500; expected 200\x1b[2J");
  server_.AnswerStream("AdminService/TestVerification", {&first_, &failed});
  EXPECT_EQ(Run("product test demo/web"), 1);
  EXPECT_EQ(
      err_,
      "livecounterctl: the test failed: w-valid was answered with 500; expected 200\\x1b[2J\n");
  EXPECT_THAT(server_.RequestsOf("AdminService/TestVerification"),
              ElementsAre("name: \"accounts/demo/products/web\""));
}

TEST_F(VerificationTest, AStreamThatBreaksOffIsNoPass) {
  server_.AnswerStream("AdminService/TestVerification", {&first_});
  EXPECT_EQ(Run("product test demo/web"), 1);
  EXPECT_THAT(err_, HasSubstr("without a result"));
  server_.Refuse("AdminService/SaveVerification", absl::ResourceExhaustedError("wait 60 s"));
  EXPECT_EQ(Run("product save-verification demo/web https://a.example"), 1);
  EXPECT_EQ(err_, "livecounterctl: wait 60 s\n");
}

TEST_F(VerificationTest, SaveEnablesUnlessTold) {
  const Progress passed = Done(true, "");
  server_.AnswerStream("AdminService/SaveVerification", {&passed});
  ASSERT_EQ(Run("product save-verification demo/web https://a.example"), 0) << err_;
  ASSERT_EQ(Run("product save-verification demo/web https://a.example --noenabled"), 0) << err_;
  EXPECT_THAT(server_.RequestsOf("AdminService/SaveVerification"),
              ElementsAre(HasSubstr("enabled: true"), Not(HasSubstr("enabled"))));
  EXPECT_EQ(Run("product save-verification demo/web"), 2);
}

TEST_F(VerificationTest, JsonIsAnObjectALine) {
  const Progress passed = Done(true, "");
  server_.AnswerStream("AdminService/TestVerification", {&half_, &passed});
  ASSERT_EQ(Run("product test demo/web -o json"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("{\"step\":\"LOAD_VALID\",\"answered\":250,\"expected\":500,"));
  EXPECT_EQ(std::count(out_.begin(), out_.end(), '\n'), 2);
}

TEST_F(VerificationTest, ATerminalShowsBarsAndWhatIsLeftToDo) {
  terminal_.can_redraw = true;
  environment_["NO_COLOR"] = "1";
  const Progress failed = Done(false, "too slow");
  server_.AnswerStream("AdminService/TestVerification", {&first_, &half_, &failed});
  EXPECT_EQ(Run("product test demo/web"), 1);
  const size_t left = out_.find("\x1b[?1049l");
  ASSERT_NE(left, std::string::npos);
  EXPECT_EQ(out_.substr(left),
            "\x1b[?1049l"
            "✓ w-invalid is refused ████████████████████ 1/1\n"
            "· w-valid is accepted                       waiting\n"
            "· load of w-invalid                         waiting\n"
            "… load of w-valid      ██████████           250/500\n"
            "failed\n");
  EXPECT_THAT(err_, HasSubstr("too slow"));
}

TEST_F(VerificationTest, ANarrowTerminalIsNotOverrun) {
  terminal_.can_redraw = true;
  environment_["NO_COLOR"] = "1";
  terminal_.size = {.columns = 20, .rows = 24};
  const Progress passed = Done(true, "");
  server_.AnswerStream("AdminService/TestVerification", {&load_, &passed});
  ASSERT_EQ(Run("product test demo/web"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("✓ load of w-valid  …\n"));
}

}  // namespace
}  // namespace livecounter::cli
