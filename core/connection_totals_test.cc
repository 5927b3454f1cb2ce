#include "core/connection_totals.h"

#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr HolderId kA{0, 1};
constexpr HolderId kB{0, 2};
constexpr size_t kAll = 1000;

class ConnectionTotalsTest : public ::testing::Test {
 protected:
  ~ConnectionTotalsTest() override { totals_.CheckInvariants(); }

  void Tell(HolderId holder, std::vector<ProductConnections> connections) {
    HolderFrame frame;
    frame.connections = std::move(connections);
    totals_.OnFrame(holder, frame);
  }
  // In one frame.
  void Resend(HolderId holder, std::vector<ProductConnections> connections) {
    HolderFrame frame;
    frame.resend_begin = true;
    frame.connections = std::move(connections);
    frame.resend_end = true;
    totals_.OnFrame(holder, frame);
  }
  std::map<std::string, int64_t> Take(HolderId holder, size_t limit = kAll) {
    std::map<std::string, int64_t> taken;
    for (auto& [product, connections] : totals_.Take(holder, limit)) taken[product] = connections;
    return taken;
  }
  void AttachBoth() {
    totals_.OnAttached(kA);
    totals_.OnAttached(kB);
  }

  ConnectionTotals totals_;
};

TEST_F(ConnectionTotalsTest, ATotalIsTheSumOverAllHoldersAndTheirNewestNumbers) {
  AttachBoth();
  Tell(kA, {{"p", 3}, {"q", 1}});
  Tell(kB, {{"p", 4}});
  EXPECT_EQ(totals_.Total("p"), 7);
  EXPECT_EQ(totals_.Total("q"), 1);
  Tell(kA, {{"p", 5}, {"p", 2}});
  EXPECT_EQ(totals_.Total("p"), 6);
  EXPECT_EQ(totals_.Total("none"), 0);
}

TEST_F(ConnectionTotalsTest, AHolderHoldsWhatItToldLast) {
  AttachBoth();
  Tell(kA, {{"p", 3}, {"q", 1}});
  Tell(kA, {{"p", 2}});
  Tell(kB, {{"p", 4}});
  EXPECT_EQ(totals_.Held(kA), 3);
  totals_.OnStreamClosed(kA);
  EXPECT_EQ(totals_.Held(kA), 3);
  totals_.Remove(kA);
  EXPECT_EQ(totals_.Held(kA), 0);
  EXPECT_EQ(totals_.Held(kB), 4);
}

TEST_F(ConnectionTotalsTest, WhoToldOfAProductIsToldItsTotalAndNobodyElse) {
  AttachBoth();
  Tell(kA, {{"p", 3}, {"q", 1}});
  EXPECT_THAT(totals_.waiting(), ElementsAre(kA));
  EXPECT_THAT(Take(kA), ElementsAre(Pair("p", 3), Pair("q", 1)));
  EXPECT_THAT(totals_.waiting(), IsEmpty());
  Tell(kB, {{"p", 4}});
  EXPECT_THAT(totals_.waiting(), ElementsAre(kA, kB));
  EXPECT_THAT(Take(kA), ElementsAre(Pair("p", 7)));
  EXPECT_THAT(Take(kB), ElementsAre(Pair("p", 7)));
  Tell(kB, {{"p", 4}});
  EXPECT_THAT(totals_.waiting(), ElementsAre(kB)) << "the others have heard it";
}

TEST_F(ConnectionTotalsTest, WhoTakesLateGetsTheNewest) {
  AttachBoth();
  Tell(kA, {{"p", 1}});
  for (int64_t n = 1; n <= 10; ++n) Tell(kB, {{"p", n}});
  EXPECT_THAT(Take(kA), ElementsAre(Pair("p", 11)));
  EXPECT_THAT(Take(kA), IsEmpty());
}

TEST_F(ConnectionTotalsTest, TotalsAreTakenInPiecesOfALimit) {
  totals_.OnAttached(kA);
  Tell(kA, {{"p", 1}, {"q", 2}, {"r", 3}});
  EXPECT_THAT(Take(kA, 2), ElementsAre(Pair("p", 1), Pair("q", 2)));
  EXPECT_THAT(totals_.waiting(), ElementsAre(kA));
  EXPECT_THAT(Take(kA, 2), ElementsAre(Pair("r", 3)));
  EXPECT_THAT(totals_.waiting(), IsEmpty());
}

TEST_F(ConnectionTotalsTest, WhoHasNoneLeftHearsOfItUntilNobodyHas) {
  AttachBoth();
  Tell(kA, {{"p", 1}});
  Tell(kB, {{"p", 1}});
  Tell(kA, {{"p", 0}});
  EXPECT_THAT(Take(kA), ElementsAre(Pair("p", 1)));
  Tell(kB, {{"p", 0}});
  EXPECT_THAT(Take(kA), ElementsAre(Pair("p", 0)));
  EXPECT_THAT(Take(kB), ElementsAre(Pair("p", 0)));
  Tell(kB, {{"p", 5}});
  EXPECT_THAT(Take(kA), IsEmpty()) << "it told of none since";
}

TEST_F(ConnectionTotalsTest, AResendReplacesTheShareWhenItIsComplete) {
  AttachBoth();
  Tell(kB, {{"p", 10}, {"q", 10}});
  Tell(kA, {{"p", 1}, {"q", 2}});
  HolderFrame begin;
  begin.resend_begin = true;
  begin.connections = {{"p", 5}};
  totals_.OnFrame(kA, begin);
  EXPECT_EQ(totals_.Total("p"), 11) << "not yet";
  HolderFrame end;
  end.connections = {{"r", 7}};
  end.resend_end = true;
  totals_.OnFrame(kA, end);
  EXPECT_EQ(totals_.Total("p"), 15);
  EXPECT_EQ(totals_.Total("q"), 10);
  EXPECT_EQ(totals_.Total("r"), 7);
  EXPECT_THAT(Take(kA), ElementsAre(Pair("p", 15), Pair("q", 10), Pair("r", 7)));
  EXPECT_THAT(Take(kB), ElementsAre(Pair("p", 15), Pair("q", 10)));
}

TEST_F(ConnectionTotalsTest, ABrokenStreamKeepsTheShareAndEndsItsResend) {
  AttachBoth();
  Tell(kA, {{"p", 1}});
  Tell(kB, {{"p", 2}});
  HolderFrame begin;
  begin.resend_begin = true;
  totals_.OnFrame(kA, begin);
  totals_.OnStreamClosed(kA);
  EXPECT_EQ(totals_.Total("p"), 3);
  EXPECT_THAT(totals_.waiting(), ElementsAre(kB));
  EXPECT_THAT(Take(kA), IsEmpty());
  totals_.OnAttached(kA);
  Resend(kA, {{"p", 1}});
  EXPECT_THAT(Take(kA), ElementsAre(Pair("p", 3))) << "unchanged, and told again";
}

TEST_F(ConnectionTotalsTest, NewsAndAResendMayBeUnderWayTogether) {
  AttachBoth();
  Tell(kA, {{"p", 1}});
  HolderFrame begin;
  begin.resend_begin = true;
  totals_.OnFrame(kA, begin);
  totals_.CheckInvariants();
  Take(kA);
  totals_.CheckInvariants();
}

TEST_F(ConnectionTotalsTest, AnEndOfNoResendChangesNothing) {
  AttachBoth();
  Tell(kA, {{"p", 3}});
  HolderFrame end;
  end.resend_end = true;
  totals_.OnFrame(kA, end);
  EXPECT_EQ(totals_.Total("p"), 3);
}

TEST_F(ConnectionTotalsTest, AShareLeavesWithItsSession) {
  AttachBoth();
  Tell(kA, {{"p", 1}, {"q", 1}});
  Tell(kB, {{"p", 2}});
  Take(kB);
  totals_.Remove(kA);
  EXPECT_EQ(totals_.Total("p"), 2);
  EXPECT_EQ(totals_.Total("q"), 0);
  EXPECT_THAT(Take(kB), ElementsAre(Pair("p", 2)));
  EXPECT_THAT(Take(kA), IsEmpty());
  totals_.Remove(kA);
  totals_.OnStreamClosed(kA);
}

TEST_F(ConnectionTotalsTest, NumbersThatCannotBeAreBounded) {
  AttachBoth();
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  Tell(kA, {{"p", kMost}});
  Tell(kB, {{"p", kMost}, {"q", -1}});
  EXPECT_GT(totals_.Total("p"), int64_t{1} << 40);
  EXPECT_EQ(totals_.Total("q"), 0);
}

// Against sums over maps.
TEST_F(ConnectionTotalsTest, AnythingInAnyOrderIsAsTheSumSays) {
  std::mt19937_64 random(7);
  const auto below = [&](uint64_t n) { return random() % n; };
  std::map<HolderId, std::map<std::string, int64_t>> shares;
  std::map<HolderId, bool> attached;
  std::map<std::pair<HolderId, std::string>, int64_t> heard;
  for (int step = 0; step < 20'000; ++step) {
    const HolderId holder{0, below(4)};
    const std::string product(1, static_cast<char>('a' + below(5)));
    const auto connections = static_cast<int64_t>(below(3));
    switch (below(6)) {
      case 0:
        if (attached[holder]) break;
        totals_.OnAttached(holder);
        attached[holder] = true;
        break;
      case 1:
        if (below(4) == 0) {
          totals_.Remove(holder);
          shares.erase(holder);
        } else {
          totals_.OnStreamClosed(holder);
        }
        attached[holder] = false;
        break;
      case 2:
        for (const auto& [name, total] : totals_.Take(holder, 1 + below(3))) {
          heard[{holder, name}] = total;
        }
        break;
      case 3:
        if (!attached[holder]) break;
        Resend(holder, {{product, connections}});
        shares[holder] = {{product, connections}};
        break;
      default:
        if (!attached[holder]) break;
        Tell(holder, {{product, connections}});
        shares[holder][product] = connections;
    }
    totals_.CheckInvariants();
    for (const char name : std::string("abcde")) {
      int64_t sum = 0;
      for (auto& [of, share] : shares) sum += share[std::string(1, name)];
      ASSERT_EQ(totals_.Total(std::string(1, name)), sum) << "step " << step;
    }
  }
  // Who has some is told, in the end, how many there are.
  for (auto& [holder, share] : shares) {
    for (const auto& [name, total] : totals_.Take(holder, kAll)) heard[{holder, name}] = total;
    for (const auto& [name, connections] : share) {
      if (!attached[holder] || connections == 0) continue;
      EXPECT_EQ((heard[{holder, name}]), totals_.Total(name));
    }
  }
}

}  // namespace
}  // namespace livecounter
