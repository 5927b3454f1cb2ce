#include "core/rendezvous.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr int kKeys = 3000;

using Workers = std::vector<absl::string_view>;

std::string Key(int n) { return absl::StrCat("accounts/a/products/p", n); }

absl::string_view Best(const Workers& workers, const std::string& key) {
  return workers[RankWorkers(workers, key).front()];
}

TEST(RendezvousTest, RanksEveryWorkerOnce) {
  const Workers workers = {"v0:1", "v1:1", "v2:1"};
  EXPECT_THAT(RankWorkers(workers, "key"), UnorderedElementsAre(0, 1, 2));
  EXPECT_THAT(RankWorkers(Workers(), "key"), IsEmpty());
}

TEST(RendezvousTest, IsTheSameInEveryOrderOfTheWorkers) {
  const Workers workers = {"v0:1", "v1:1", "v2:1", "v3:1"};
  Workers reversed(workers.rbegin(), workers.rend());
  for (int n = 0; n < kKeys; ++n) EXPECT_EQ(Best(workers, Key(n)), Best(reversed, Key(n)));
}

TEST(RendezvousTest, SharesTheKeysEvenly) {
  const Workers workers = {"v0:1", "v1:1", "v2:1", "v3:1"};
  std::vector<int> shares(workers.size());
  for (int n = 0; n < kKeys; ++n) ++shares[RankWorkers(workers, Key(n)).front()];
  for (const int share : shares) EXPECT_NEAR(share, kKeys / 4, kKeys / 20);
}

TEST(RendezvousTest, AWorkerThatGoesGivesItsKeysToTheirSecondChoiceAndMovesNoOthers) {
  const Workers workers = {"v0:1", "v1:1", "v2:1", "v3:1"};
  const Workers left = {"v0:1", "v1:1", "v3:1"};
  for (int n = 0; n < kKeys; ++n) {
    const std::vector<size_t> ranked = RankWorkers(workers, Key(n));
    const size_t expected = ranked[0] == 2 ? ranked[1] : ranked[0];
    EXPECT_EQ(Best(left, Key(n)), workers[expected]);
  }
}

// Gateways of different releases must agree: these values are for good.
TEST(StableHashTest, HasTheSameValuesForEver) {
  EXPECT_EQ(StableHash(""), StableHash("", 0));
  EXPECT_NE(StableHash("", 0), StableHash("", 1));
  EXPECT_NE(StableHash("a"), StableHash("b"));
  EXPECT_EQ(StableHash("accounts/a/products/p"), 9630668039259203175u);
  EXPECT_EQ(StableHash("accounts/a/products/p", 7), 10053645970737127050u);
}

}  // namespace
}  // namespace livecounter
