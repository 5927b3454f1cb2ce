#include "core/holder_session.h"
#include "core/holder_session_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter {
namespace {

using test::At;
using test::Changes;
using test::Counter;
using test::HolderSessionTest;
using test::MakeChange;
using test::ResendWanted;
using test::V;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(HolderSessionTest, SeveralWatchersAreOneSubscription) {
  Sync(0);
  EXPECT_EQ(session_.Watch(Counter(1)), absl::nullopt);
  session_.Watch(Counter(1));
  EXPECT_THAT(Take(0).watch, SizeIs(1));
  session_.Unwatch(Counter(1));
  EXPECT_FALSE(session_.has_frame(At(0)));
  session_.Unwatch(Counter(1));
  EXPECT_THAT(Take(0).unwatch, ElementsAre(Counter(1)));
  session_.Unwatch(Counter(1));
  EXPECT_FALSE(session_.has_frame(At(0)));
}

TEST_F(HolderSessionTest, ALaterWatcherGetsTheNewestChangeAtOnce) {
  Sync(0);
  session_.Watch(Counter(1));
  Take(0);
  const Change change = MakeChange(1, V(7, 1), 5, 2);
  Receive(Changes({change}), 0);
  EXPECT_EQ(session_.Watch(Counter(1)), change);
}

TEST_F(HolderSessionTest, WatchingAndUnwatchingBetweenFramesIsNetted) {
  Sync(0);
  session_.Watch(Counter(1));
  session_.Unwatch(Counter(1));
  EXPECT_FALSE(session_.has_frame(At(0)));
  session_.Watch(Counter(1));
  Take(0);
  const Change change = MakeChange(1, V(7, 1), 5, 2);
  session_.Unwatch(Counter(1));
  Receive(Changes({change}), 0);
  EXPECT_THAT(session_.TakeChanges(), IsEmpty());
  EXPECT_EQ(session_.Watch(Counter(1)), change) << "the receiver was not told, and goes on";
  EXPECT_FALSE(session_.has_frame(At(0)));
}

TEST_F(HolderSessionTest, ChangesAreConflatedAndNeverOlder) {
  Sync(0);
  session_.Watch(Counter(1));
  session_.Watch(Counter(2));
  Take(0);
  Receive(Changes({MakeChange(1, V(7, 5), 1, 1), MakeChange(2, V(7, 1), 1, 1)}), 0);
  Receive(Changes({MakeChange(1, V(7, 6), 2, 1), MakeChange(1, V(7, 4), 9, 9),
                   MakeChange(1, V(6, 99), 9, 9), MakeChange(3, V(7, 1), 9, 9)}),
          0);
  EXPECT_THAT(session_.TakeChanges(),
              ElementsAre(MakeChange(1, V(7, 6), 2, 1), MakeChange(2, V(7, 1), 1, 1)));
  EXPECT_THAT(session_.TakeChanges(), IsEmpty());
  Receive(Changes({MakeChange(1, V(7, 6), 2, 1)}), 0);
  EXPECT_THAT(session_.TakeChanges(), IsEmpty());
  Receive(Changes({MakeChange(1, V(8, 1), 0, 0)}), 0);
  EXPECT_THAT(session_.TakeChanges(), ElementsAre(MakeChange(1, V(8, 1), 0, 0)));
}

TEST_F(HolderSessionTest, AChangeThatNobodyWatchesAnyMoreIsNotTaken) {
  Sync(0);
  for (int counter : {1, 2}) session_.Watch(Counter(counter));
  Take(0);
  Receive(Changes({MakeChange(1, V(7, 1), 1, 1), MakeChange(2, V(7, 1), 1, 1)}), 0);
  session_.Unwatch(Counter(1));
  Take(0);
  session_.Unwatch(Counter(2));  // the receiver has not been told
  session_.Unwatch(Counter(2));
  EXPECT_THAT(session_.TakeChanges(), IsEmpty());
}

TEST_F(HolderSessionTest, TheFloorIsThePresenceLastPassedOn) {
  Sync(0);
  for (int counter = 1; counter <= 4; ++counter) session_.Watch(Counter(counter));
  Take(0);
  for (int counter = 1; counter <= 3; ++counter) {
    Receive(Changes({MakeChange(counter, V(7, 1), {}, 10)}), 0);
  }
  session_.TakeChanges();
  Receive(Changes({MakeChange(2, V(7, 2), {}, 20), MakeChange(3, V(7, 2), {}, 30)}), 0);
  session_.Watch(Counter(3));  // passes the newest on
  session_.OnClosed(At(0));
  Welcomed(5);
  EXPECT_THAT(Take(5).watch,
              ElementsAre(WatchStart{Counter(1), 10}, WatchStart{Counter(2), 10},
                          WatchStart{Counter(3), 30}, WatchStart{Counter(4), absl::nullopt}));
}

TEST_F(HolderSessionTest, TheNewestChangeOutlivesTheStream) {
  Sync(0);
  session_.Watch(Counter(1));
  Take(0);
  const Change change = MakeChange(1, V(7, 3), 5, 2);
  Receive(Changes({change}), 0);
  session_.OnClosed(At(0));
  EXPECT_EQ(session_.Watch(Counter(1)), change);
  EXPECT_THAT(session_.TakeChanges(), ElementsAre(change));
}

TEST_F(HolderSessionTest, WhatNobodyWatchesAnyMoreIsForgotten) {
  Sync(0);
  session_.Watch(Counter(1));
  Take(0);
  Receive(Changes({MakeChange(1, V(7, 3), 5, 2)}), 0);
  session_.Unwatch(Counter(1));
  Take(0);
  EXPECT_EQ(session_.Watch(Counter(1)), absl::nullopt);
  EXPECT_THAT(Take(0).watch, ElementsAre(WatchStart{Counter(1), absl::nullopt}));
  session_.Unwatch(Counter(1));
  session_.OnClosed(At(0));  // before the receiver was told
  Welcomed(5);
  const HolderFrame frame = Take(5);
  EXPECT_THAT(frame.watch, IsEmpty());
  EXPECT_THAT(frame.unwatch, IsEmpty());
}

TEST_F(HolderSessionTest, AnUnwatchThatIsQueuedSurvivesAWantedResend) {
  Sync(0);
  session_.Watch(Counter(1));
  session_.Watch(Counter(2));
  Take(0);
  session_.Unwatch(Counter(1));
  Receive(ResendWanted(), 0);
  const HolderFrame frame = Take(0);
  EXPECT_THAT(frame.unwatch, ElementsAre(Counter(1)));
  EXPECT_THAT(frame.watch, ElementsAre(WatchStart{Counter(2), absl::nullopt}));
}

}  // namespace
}  // namespace livecounter
