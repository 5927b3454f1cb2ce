#include "services/admin/records.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/admin/catalog_fixture.h"

namespace livecounter::admin {
namespace {

using counter::RecordChange;
using counter::RecordWrite;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A store that tells changes while it is being listed, as when others write meanwhile.
class BusyStore final : public counter::RecordStore {
 public:
  void Write(std::vector<RecordWrite>, Callback<uint64_t> done) override {
    done(absl::UnimplementedError("not asked for"));
  }
  void Read(std::string, Callback<counter::Record> done) override {
    done(absl::UnimplementedError("not asked for"));
  }
  void List(std::string, std::string, int, Callback<std::vector<counter::Record>> done) override {
    sink_({{"a:1", "one, newer", 7}, {"a:2", absl::nullopt, 8}});
    done(std::vector<counter::Record>{{"a:1", "one", 1}, {"a:2", "two", 2}});
  }
  void SetChangeSink(ChangeSink sink) override { sink_ = std::move(sink); }

 private:
  ChangeSink sink_;
};

class RecordsTest : public ::testing::Test {
 protected:
  Records::Listener Hear(std::vector<std::string>* heard) {
    return [heard](const RecordChange& change) {
      heard->push_back(change.key + "=" + change.value.value_or("gone"));
    };
  }
  runtime::FakeClock clock_;
  counter::FakeRecordStore store_{clock_};
  Records records_{store_};
  std::vector<std::string> heard_;
};

TEST_F(RecordsTest, ListenersHearWhatIsThereThenEveryChangeOfTheirPrefix) {
  store_.Write({{.key = "a:1", .value = "one"}, {.key = "b:1", .value = "other"}}, [](auto) {});
  records_.AddListener("a:", Hear(&heard_));
  ASSERT_TRUE(records_.Open().ok());
  EXPECT_THAT(heard_, ElementsAre("a:1=one"));
  ASSERT_TRUE(records_.Write({{.key = "a:2", .value = "two"}, {.key = "b:2", .value = "x"}}).ok());
  ASSERT_TRUE(records_.Write({{.key = "a:1"}}).ok());
  EXPECT_THAT(heard_, ElementsAre("a:1=one", "a:2=two", "a:1=gone"));
}

TEST_F(RecordsTest, WhatChangesWhileTheStoreIsListedIsHeardAfterwards) {
  BusyStore busy;
  Records records(busy);
  records.AddListener("a:", Hear(&heard_));
  ASSERT_TRUE(records.Open().ok());
  EXPECT_THAT(heard_, ElementsAre("a:1=one", "a:2=two", "a:1=one, newer", "a:2=gone"));
}

TEST_F(RecordsTest, AWriteOverAnotherVersionIsAConflict) {
  ASSERT_TRUE(records_.Open().ok());
  ASSERT_TRUE(records_.Write({{.key = "a", .value = "1", .expected_version = 0}}).ok());
  const auto lost = records_.Write({{.key = "a", .value = "2", .expected_version = 0}});
  EXPECT_TRUE(IsConflict(lost.status())) << lost.status();
  EXPECT_FALSE(IsConflict(absl::AbortedError("of another kind")));
  EXPECT_EQ((*records_.Find("a"))->value, "1");
  EXPECT_FALSE(*records_.Find("b"));
}

TEST_F(RecordsTest, ListsMoreThanAPage) {
  ASSERT_TRUE(records_.Open().ok());
  for (int i = 0; i < 2'500; ++i) {
    ASSERT_TRUE(records_.Write({{.key = "a" + std::to_string(i), .value = ""}}).ok());
  }
  EXPECT_EQ(records_.List("a")->size(), 2'500u);
  EXPECT_THAT(*records_.List("b"), IsEmpty());
}

TEST_F(RecordsTest, WhatCannotBeReadAtTheOpenIsItsError) {
  records_.AddListener("a:", Hear(&heard_));
  store_.RefuseReads(absl::UnavailableError("the disk is gone"));
  EXPECT_EQ(records_.Open().code(), absl::StatusCode::kUnavailable);
}

TEST_F(RecordsTest, ConflictsAreRetriedAndOtherErrorsAreNot) {
  int attempts = 0;
  ASSERT_TRUE(records_.Open().ok());
  const auto retried = RetryConflicts([&]() -> absl::StatusOr<int> {
    if (++attempts < 3) return records_.Write({{.key = "a", .expected_version = 9}}).status();
    return attempts;
  });
  EXPECT_EQ(*retried, 3);
  const auto refused = RetryConflicts([&]() -> absl::StatusOr<int> {
    ++attempts;
    return absl::AbortedError("of another kind");
  });
  EXPECT_EQ(CodeOf(refused), absl::StatusCode::kAborted);
  EXPECT_EQ(attempts, 4);
}

}  // namespace
}  // namespace livecounter::admin
