#include "services/counter/watches.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/counter/fake_engine.h"

namespace livecounter::counter {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

const absl::Time kNow = absl::UnixEpoch();
const CounterId kCounter{"accounts/a/products/p", "2"};
const CounterId kOther{"accounts/a/products/p", "3"};

class WatchesTest : public ::testing::Test {
 protected:
  WatchesTest() {
    engine_.SetChangeSink([this](std::vector<Change> changes) {
      for (Change& change : changes) sent_.push_back(std::move(change));
    });
  }
  ~WatchesTest() override { watches_.CheckInvariants(); }

  // What the engine has sent arrives.
  std::vector<StreamId> Publish() { return watches_.Publish(std::exchange(sent_, {}), kNow); }
  void Join(const CounterId& counter, uint64_t hash) {
    engine_.UpdatePresence({{counter, {{0, hash}}, {}}});
  }
  // The presence values that the stream takes.
  std::vector<int64_t> Take(StreamId stream) {
    std::vector<int64_t> present;
    for (const Change& change : watches_.Take(stream, kNow, 100)) present.push_back(change.present);
    return present;
  }

  FakeEngine engine_;
  std::vector<Change> sent_;
  Watches watches_{engine_};
};

TEST_F(WatchesTest, TheFirstValueComesFromTheEngine) {
  EXPECT_FALSE(watches_.Start(1, kCounter, 0, kNow));
  EXPECT_FALSE(watches_.Answered(1));
  EXPECT_THAT(Publish(), ElementsAre(1));
  EXPECT_TRUE(watches_.Answered(1));
  EXPECT_THAT(Take(1), ElementsAre(0));
  EXPECT_THAT(Take(1), IsEmpty());
}

TEST_F(WatchesTest, TheEngineIsAskedOnceACounter) {
  watches_.Start(1, kCounter, 0, kNow);
  watches_.Start(2, kCounter, 0, kNow);
  Publish();
  EXPECT_TRUE(watches_.Start(3, kCounter, 0, kNow));
  EXPECT_EQ(engine_.watch_calls, 1);
  for (StreamId stream : {1, 2, 3}) EXPECT_THAT(Take(stream), ElementsAre(0));
}

TEST_F(WatchesTest, ALaterWatcherDisturbsNobody) {
  watches_.Start(1, kCounter, 0, kNow);
  Publish();
  Take(1);
  watches_.Start(2, kCounter, 0, kNow);
  EXPECT_FALSE(watches_.HasPending(1));
}

TEST_F(WatchesTest, ChangesReachAllWhoWatchAndNobodyElse) {
  watches_.Start(1, kCounter, 0, kNow);
  watches_.Start(2, kCounter, 0, kNow);
  watches_.Start(3, kOther, 0, kNow);
  Publish();
  for (StreamId stream : {1, 2, 3}) Take(stream);
  Join(kCounter, 1);
  EXPECT_THAT(Publish(), UnorderedElementsAre(1, 2));
  EXPECT_THAT(Take(1), ElementsAre(1));
  EXPECT_THAT(Take(2), ElementsAre(1));
  EXPECT_THAT(Take(3), IsEmpty());
}

TEST_F(WatchesTest, ASlowStreamGetsTheNewestValueOnly) {
  watches_.Start(1, kCounter, 0, kNow);
  Publish();
  for (uint64_t hash : {1, 2, 3}) {
    Join(kCounter, hash);
    Publish();
  }
  EXPECT_THAT(Take(1), ElementsAre(3));
}

TEST_F(WatchesTest, AnOlderVersionIsDropped) {
  watches_.Start(1, kCounter, 0, kNow);
  Publish();
  Join(kCounter, 1);
  const std::vector<Change> older = sent_;
  Join(kCounter, 2);
  Publish();
  Take(1);
  EXPECT_THAT(watches_.Publish(older, kNow), IsEmpty());
  EXPECT_THAT(Take(1), IsEmpty());
}

TEST_F(WatchesTest, WhoWatchesAgainIsAnsweredAgain) {
  watches_.Start(1, kCounter, 0, kNow);
  Publish();
  Take(1);
  EXPECT_TRUE(watches_.Start(1, kCounter, 0, kNow));
  EXPECT_THAT(Take(1), ElementsAre(0));
}

TEST_F(WatchesTest, TheLastWhoStopsReleasesTheEngine) {
  watches_.Start(1, kCounter, 0, kNow);
  watches_.Start(2, kCounter, 0, kNow);
  Publish();
  watches_.Stop(1, kCounter);
  EXPECT_THAT(engine_.watched, ElementsAre(kCounter));
  watches_.Stop(2, kCounter);
  EXPECT_THAT(engine_.watched, IsEmpty());
  watches_.Stop(2, kCounter);
  EXPECT_THAT(engine_.watched, IsEmpty());
}

TEST_F(WatchesTest, AStreamThatGoesStopsAllOfIts) {
  watches_.Start(1, kCounter, 0, kNow);
  Publish();
  watches_.Start(1, kOther, 0, kNow);
  watches_.Start(2, kOther, 0, kNow);
  watches_.Drop(1);
  EXPECT_THAT(engine_.watched, ElementsAre(kOther));
  EXPECT_TRUE(watches_.Answered(1));
  EXPECT_THAT(Publish(), ElementsAre(2));
}

TEST_F(WatchesTest, WhoStopsBeforeTheFirstValueIsNotAnswered) {
  watches_.Start(1, kCounter, 0, kNow);
  watches_.Stop(1, kCounter);
  EXPECT_THAT(Publish(), IsEmpty());
  EXPECT_TRUE(watches_.Answered(1));
  EXPECT_THAT(engine_.watched, IsEmpty());
}

TEST_F(WatchesTest, NoValueBelowTheFloorIsTaken) {
  watches_.Start(1, kCounter, 0, kNow);
  Publish();
  Join(kCounter, 1);  // on its way while the second one comes
  engine_.RaiseFloor(kCounter, 10);
  EXPECT_FALSE(watches_.Start(2, kCounter, 10, kNow));
  const std::vector<Change> changes = std::exchange(sent_, {});
  ASSERT_EQ(changes.size(), 2u);
  watches_.Publish({changes[0]}, kNow);
  EXPECT_FALSE(watches_.HasPending(2));
  EXPECT_FALSE(watches_.Answered(2));
  watches_.Publish({changes[1]}, kNow);
  EXPECT_THAT(Take(2), ElementsAre(10));
}

TEST_F(WatchesTest, WithoutFloorsWhoWaitedIsAnsweredWithWhatIsKnown) {
  watches_.Start(1, kCounter, 0, kNow);
  Publish();
  watches_.Start(2, kCounter, 10, kNow);
  watches_.Start(2, kOther, 10, kNow);  // not known at all
  EXPECT_THAT(watches_.BelowFloors(), UnorderedElementsAre(kCounter, kOther));
  EXPECT_THAT(watches_.DropFloors(kCounter, absl::nullopt, kNow), ElementsAre(2));
  EXPECT_THAT(watches_.DropFloors(kOther, absl::nullopt, kNow), IsEmpty());
  EXPECT_THAT(watches_.BelowFloors(), IsEmpty());
  EXPECT_THAT(Take(2), ElementsAre(0));
  EXPECT_THAT(Publish(), ElementsAre(2));
}

TEST_F(WatchesTest, WithoutFloorsWhoWaitedIsAnsweredWithWhatWasRead) {
  watches_.Start(1, kCounter, 0, kNow);
  Publish();
  Take(1);
  watches_.Start(2, kCounter, 10, kNow);
  Join(kCounter, 1);
  EXPECT_THAT(watches_.DropFloors(kCounter, engine_.Value(kCounter), kNow),
              UnorderedElementsAre(1, 2));
  EXPECT_THAT(Take(1), ElementsAre(1));
  EXPECT_THAT(Take(2), ElementsAre(1));
  EXPECT_THAT(Publish(), IsEmpty()) << "it was known already";
}

TEST_F(WatchesTest, ANewEpochReachesThoseWhoWatch) {
  watches_.Start(1, kCounter, 0, kNow);
  Publish();
  Take(1);
  engine_.RaiseEpochAbove(100, [](const absl::StatusOr<uint64_t>&) {});
  EXPECT_THAT(Publish(), ElementsAre(1));
  EXPECT_EQ(watches_.Take(1, kNow, 1)[0].version.epoch, 101u);
}

}  // namespace
}  // namespace livecounter::counter
