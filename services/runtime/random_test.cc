#include "services/runtime/random.h"

#include <limits>
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace livecounter::runtime {
namespace {

// Gives the numbers it is told to, in order.
class ScriptedRandom final : public Random {
 public:
  explicit ScriptedRandom(std::vector<uint64_t> numbers) : numbers_(std::move(numbers)) {}
  uint64_t Uint64() override { return numbers_.at(next_++); }

 private:
  std::vector<uint64_t> numbers_;
  size_t next_ = 0;
};

constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();

TEST(RandomTest, BelowIsTheRemainder) {
  EXPECT_EQ(ScriptedRandom({12345}).Below(1000), 345u);
  EXPECT_EQ(ScriptedRandom({kMax}).Below(2), 1u);
  EXPECT_EQ(ScriptedRandom({7}).Below(1), 0u);
}

TEST(RandomTest, BelowZeroIsZeroAndTakesNoNumber) { EXPECT_EQ(ScriptedRandom({}).Below(0), 0u); }

TEST(RandomTest, BelowThrowsAwayTheIncompleteRun) {
  // 2^64 = 5 * 3689348814741910323 + 1: only the very last number is one too many.
  EXPECT_EQ(ScriptedRandom({kMax, 8}).Below(5), 3u);
  EXPECT_EQ(ScriptedRandom({kMax - 1}).Below(5), 4u);
}

TEST(RandomTest, FractionIsFromZeroToBelowOne) {
  EXPECT_EQ(ScriptedRandom({0}).Fraction(), 0.0);
  EXPECT_EQ(ScriptedRandom({uint64_t{1} << 63}).Fraction(), 0.5);
  EXPECT_LT(ScriptedRandom({kMax}).Fraction(), 1.0);
}

TEST(RandomTest, BytesAreAsManyAsAsked) {
  SeededRandom random(1);
  for (size_t size : {0, 1, 7, 8, 9, 33}) EXPECT_EQ(random.Bytes(size).size(), size);
}

TEST(RandomTest, TheSameSeedGivesTheSameNumbers) {
  SeededRandom a(7), b(7), c(8);
  const std::string bytes = a.Bytes(64);
  EXPECT_EQ(bytes, b.Bytes(64));
  EXPECT_NE(bytes, c.Bytes(64));
}

TEST(RandomTest, SecureNumbersDiffer) {
  SecureRandom random;
  std::set<uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random.Uint64());
  EXPECT_EQ(seen.size(), 1000u);
}

}  // namespace
}  // namespace livecounter::runtime
