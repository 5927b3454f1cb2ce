#include "core/frame_budget.h"

#include "gtest/gtest.h"

namespace livecounter {
namespace {

TEST(FrameBudgetTest, EntriesAreBounded) {
  FrameBudget budget(/*entries=*/10, /*bytes=*/1'000);
  EXPECT_EQ(budget.Spend(4, 1, 0), 4u);
  EXPECT_EQ(budget.Spend(100, 1, 0), 6u);
  EXPECT_TRUE(budget.full());
  EXPECT_EQ(budget.Spend(1, 1, 0), 0u);
}

TEST(FrameBudgetTest, BytesAreBoundedButForOneEntry) {
  FrameBudget budget(/*entries=*/100, /*bytes=*/100);
  EXPECT_EQ(budget.Spend(50, 16, 20), 5u);
  EXPECT_EQ(budget.Spend(0, 16, 5), 0u);
  EXPECT_TRUE(budget.full());
  FrameBudget small(/*entries=*/100, /*bytes=*/10);
  EXPECT_EQ(small.Spend(50, 16, 2'000), 1u);
  EXPECT_TRUE(small.full());
}

TEST(FrameBudgetTest, EntriesMayShareAllTheirBytes) {
  FrameBudget budget(/*entries=*/100, /*bytes=*/100);
  EXPECT_EQ(budget.Spend(50, 0, 20), 50u);
  EXPECT_FALSE(budget.full());
}

TEST(FrameBudgetTest, HalfOfOneIsOneAndTheRestComesBack) {
  FrameBudget budget(/*entries=*/1, /*bytes=*/1);
  FrameBudget half = budget.TakeHalf();
  EXPECT_TRUE(budget.full());
  EXPECT_FALSE(half.full());
  budget.Return(half);
  EXPECT_EQ(budget.Spend(1, 1, 0), 1u);
}

}  // namespace
}  // namespace livecounter
