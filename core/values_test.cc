// Plain values are equal when all of their members are.

#include <functional>
#include <vector>

#include "core/change.h"
#include "core/hits.h"
#include "core/session.h"
#include "core/share.h"
#include "core/test_support.h"
#include "gtest/gtest.h"

namespace livecounter {
namespace {

using test::At;
using test::Counter;
using test::Hash;
using test::Holder;
using test::V;

// Each of `differences` changes one member.
template <typename Value>
void ExpectEveryMemberCounts(const Value& value,
                             std::vector<std::function<void(Value&)>> differences) {
  EXPECT_EQ(value, Value(value));
  for (size_t i = 0; i < differences.size(); ++i) {
    Value other = value;
    differences[i](other);
    EXPECT_FALSE(value == other) << "member " << i;
  }
}

TEST(ValuesTest, Changes) {
  ExpectEveryMemberCounts<Change>(
      {}, {[](Change& c) { c.counter = Counter(1); }, [](Change& c) { c.version = V(1, 1); },
           [](Change& c) { c.hits = 0; }, [](Change& c) { c.present = 1; },
           [](Change& c) { c.accepted_at = At(0); }});
}

TEST(ValuesTest, Hits) {
  ExpectEveryMemberCounts<HitBatch>(
      {}, {[](HitBatch& b) {
             b.sender = {1, 1};
           },
           [](HitBatch& b) { b.counter = Counter(1); }, [](HitBatch& b) { b.number = 1; },
           [](HitBatch& b) { b.count = 1; }, [](HitBatch& b) { b.create = true; },
           [](HitBatch& b) { b.product_life = 1; }});
  ExpectEveryMemberCounts<KeyedHit>(
      {}, {[](KeyedHit& h) { h.counter = Counter(1); }, [](KeyedHit& h) { h.key = "key"; },
           [](KeyedHit& h) { h.count = 2; }, [](KeyedHit& h) { h.create = true; },
           [](KeyedHit& h) { h.product_life = 1; }});
  ExpectEveryMemberCounts<HitDecision>(
      {}, {[](HitDecision& d) { d.value_after = 1; }, [](HitDecision& d) { d.applied = true; }});
  ExpectEveryMemberCounts<SenderRecord>(
      {}, {[](SenderRecord& r) { r.number = 1; }, [](SenderRecord& r) { r.value_after = 1; }});
  ExpectEveryMemberCounts<KeyRecord>(
      {}, {[](KeyRecord& r) { r.count = 1; }, [](KeyRecord& r) { r.value_after = 1; },
           [](KeyRecord& r) { r.expires_at = At(0); }});
}

TEST(ValuesTest, Frames) {
  ExpectEveryMemberCounts<Hello>(
      {}, {[](Hello& h) { h.holder = Holder(1); }, [](Hello& h) { h.stream = 1; },
           [](Hello& h) { h.highest_epoch = 1; }});
  ExpectEveryMemberCounts<Welcome>(
      {}, {[](Welcome& w) { w.epoch = 1; }, [](Welcome& w) { w.lease = absl::Seconds(1); },
           [](Welcome& w) { w.keep_alive = absl::Seconds(1); }});
  ExpectEveryMemberCounts<WatchStart>(
      {}, {[](WatchStart& w) { w.counter = Counter(1); }, [](WatchStart& w) { w.floor = 0; }});
  ExpectEveryMemberCounts<KeyedHitRequest>(
      {}, {[](KeyedHitRequest& r) { r.ticket = 1; }, [](KeyedHitRequest& r) { r.hit.count = 2; }});
}

TEST(ValuesTest, Shares) {
  ExpectEveryMemberCounts<PresenceDelta>({}, {[](PresenceDelta& d) { d.counter = Counter(1); },
                                              [](PresenceDelta& d) { d.joined = {Hash(1)}; },
                                              [](PresenceDelta& d) { d.left = {Hash(1)}; }});
  ExpectEveryMemberCounts<ShareDigest>(
      {}, {[](ShareDigest& d) { d.high = 1; }, [](ShareDigest& d) { d.low = 1; },
           [](ShareDigest& d) { d.entries = 1; }});
  ExpectEveryMemberCounts<Share>({}, {[](Share& s) { s.Add(Counter(1), Hash(1)); }});
}

TEST(ValuesTest, SharesOfTheSamePairsDifferByHowOftenTheyAreHeld) {
  Share once;
  once.Add(Counter(1), Hash(1));
  ExpectEveryMemberCounts<Share>(once, {[](Share& s) { s.Add(Counter(1), Hash(1)); },
                                        [](Share& s) { s.Add(Counter(1), Hash(2)); }});
}

TEST(ValuesTest, Ids) {
  ExpectEveryMemberCounts<SenderId>(
      {}, {[](SenderId& id) { id.high = 1; }, [](SenderId& id) { id.low = 1; }});
  ExpectEveryMemberCounts<CounterId>(
      {}, {[](CounterId& id) { id.product = "p"; }, [](CounterId& id) { id.id = "i"; }});
  ExpectEveryMemberCounts<Version>(
      {}, {[](Version& v) { v.epoch = 1; }, [](Version& v) { v.revision = 1; }});
}

}  // namespace
}  // namespace livecounter
