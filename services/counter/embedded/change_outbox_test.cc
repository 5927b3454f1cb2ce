#include "services/counter/embedded/change_outbox.h"

#include <thread>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::counter::embedded {
namespace {

using ::testing::ElementsAre;

Change ChangeOf(const std::string& id, uint64_t revision) {
  return {.counter = {"p", id}, .version = {1, revision}, .hits = revision};
}

TEST(ChangeOutboxTest, FlushGivesWhatWaits) {
  ChangeOutbox outbox;
  std::vector<Change> got;
  outbox.SetSink([&](std::vector<Change> changes) { got = std::move(changes); });
  outbox.Put(ChangeOf("1", 1));
  EXPECT_TRUE(got.empty());
  outbox.Flush();
  EXPECT_THAT(got, ElementsAre(ChangeOf("1", 1)));
}

TEST(ChangeOutboxTest, OnlyTheNewestChangeOfACounterWaits) {
  ChangeOutbox outbox;
  std::vector<Change> got;
  outbox.SetSink([&](std::vector<Change> changes) { got = std::move(changes); });
  for (uint64_t revision = 1; revision <= 1000; ++revision) outbox.Put(ChangeOf("1", revision));
  outbox.Flush();
  EXPECT_THAT(got, ElementsAre(ChangeOf("1", 1000)));
}

TEST(ChangeOutboxTest, NothingIsCalledForNothing) {
  ChangeOutbox outbox;
  int calls = 0;
  outbox.SetSink([&](const std::vector<Change>&) { ++calls; });
  outbox.Flush();
  EXPECT_EQ(calls, 0);
}

TEST(ChangeOutboxTest, WithoutASinkChangesAreDropped) {
  ChangeOutbox outbox;
  outbox.Put(ChangeOf("1", 1));
  outbox.Flush();
  std::vector<Change> got;
  outbox.SetSink([&](std::vector<Change> changes) { got = std::move(changes); });
  outbox.Flush();
  EXPECT_TRUE(got.empty());
}

TEST(ChangeOutboxTest, WhatTheSinkPutsIsGivenAfterwards) {
  ChangeOutbox outbox;
  std::vector<uint64_t> revisions;
  outbox.SetSink([&](const std::vector<Change>& changes) {
    revisions.push_back(changes[0].version.revision);
    if (revisions.size() < 3) {
      outbox.Put(ChangeOf("1", revisions.size() + 1));
      outbox.Flush();
    }
  });
  outbox.Put(ChangeOf("1", 1));
  outbox.Flush();
  EXPECT_THAT(revisions, ElementsAre(1, 2, 3));
}

TEST(ChangeOutboxTest, EveryThreadsCountersComeInOrderAndEndInTheNewest) {
  ChangeOutbox outbox;
  absl::flat_hash_map<std::string, uint64_t> newest;  // the sink is never called twice at once
  bool in_order = true;
  outbox.SetSink([&](const std::vector<Change>& changes) {
    for (const Change& change : changes) {
      uint64_t& last = newest[change.counter.id];
      in_order = in_order && last < change.version.revision;
      last = change.version.revision;
    }
  });
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&outbox, id = std::to_string(thread)] {
      for (uint64_t revision = 1; revision <= 2000; ++revision) {
        outbox.Put(ChangeOf(id, revision));
        outbox.Flush();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  outbox.Flush();
  EXPECT_TRUE(in_order);
  EXPECT_EQ(newest.size(), 4u);
  for (const auto& [id, revision] : newest) EXPECT_EQ(revision, 2000u);
}

}  // namespace
}  // namespace livecounter::counter::embedded
