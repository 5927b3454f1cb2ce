#include "verifier/call_batch.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::verifier {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class CallBatchTest : public testing::Test {
 protected:
  static absl::Time At(double seconds) { return absl::UnixEpoch() + absl::Seconds(seconds); }

  int calls_[2] = {};
  CallBatch::Handle const first_ = &calls_[0];
  CallBatch::Handle const second_ = &calls_[1];
  CallBatch batch_{2, At(0)};
};

TEST_F(CallBatchTest, AllAreSentWhenTheLastIsConnected) {
  batch_.Ready(first_);
  EXPECT_THAT(batch_.TakeReleased(At(0.05)), IsEmpty());
  batch_.Ready(second_);
  EXPECT_THAT(batch_.TakeReleased(At(0.06)), ElementsAre(first_, second_));
  EXPECT_THAT(batch_.TakeOverdue(At(3.05)), IsEmpty()) << "three seconds from when they were sent";
  EXPECT_THAT(batch_.TakeOverdue(At(3.06)), testing::UnorderedElementsAre(first_, second_));
}

TEST_F(CallBatchTest, OneThatEndsBeforeItIsConnectedIsNotAwaited) {
  batch_.Ready(first_);
  batch_.Ended(nullptr);
  EXPECT_THAT(batch_.TakeReleased(At(0)), ElementsAre(first_));
  EXPECT_FALSE(batch_.over());
  batch_.Ended(first_);
  EXPECT_TRUE(batch_.over());
}

TEST_F(CallBatchTest, OneThatIsSlowToConnectIsSentWhenItIs) {
  batch_.Ready(first_);
  EXPECT_EQ(batch_.next_time(), At(1.5));
  EXPECT_THAT(batch_.TakeReleased(At(1.5)), ElementsAre(first_));
  batch_.Ready(second_);
  EXPECT_THAT(batch_.TakeReleased(At(2)), ElementsAre(second_));
}

TEST_F(CallBatchTest, AllHaveEndedInTimeHoweverLongConnectingTook) {
  batch_.Ready(first_);
  batch_.Ready(second_);
  EXPECT_THAT(batch_.TakeReleased(At(1.4)), ElementsAre(first_, second_));
  EXPECT_THAT(batch_.TakeOverdue(At(3.1)), testing::UnorderedElementsAre(first_, second_));
}

}  // namespace
}  // namespace livecounter::verifier
