#include "services/counter/fake_record_store.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/runtime/clock.h"

namespace livecounter::counter {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FakeRecordStoreTest : public ::testing::Test {
 protected:
  absl::StatusOr<uint64_t> Write(std::vector<RecordWrite> writes) {
    absl::StatusOr<uint64_t> answer;
    store_.Write(std::move(writes), [&](const absl::StatusOr<uint64_t>& got) { answer = got; });
    return answer;
  }
  absl::StatusOr<Record> Read(const std::string& key) {
    absl::StatusOr<Record> answer;
    store_.Read(key, [&](const absl::StatusOr<Record>& got) { answer = got; });
    return answer;
  }
  std::vector<std::string> Keys(const std::string& prefix, const std::string& after, int limit) {
    std::vector<std::string> keys;
    store_.List(prefix, after, limit, [&](const absl::StatusOr<std::vector<Record>>& got) {
      for (const Record& record : *got) keys.push_back(record.key);
    });
    return keys;
  }

  runtime::FakeClock clock_;
  FakeRecordStore store_{clock_};
};

TEST_F(FakeRecordStoreTest, AWriteIsDoneAsAWholeOverTheVersionsItExpects) {
  EXPECT_EQ(*Write({{.key = "a", .value = "1", .expected_version = 0}, {.key = "b", .value = "2"}}),
            1);
  EXPECT_EQ(*Read("b"), (Record{"b", "2", 1}));
  const absl::Status late =
      Write({{.key = "b", .value = "3"}, {.key = "a", .value = "3", .expected_version = 0}})
          .status();
  EXPECT_EQ(late.code(), absl::StatusCode::kAborted);
  EXPECT_THAT(std::string(late.message()), ::testing::HasSubstr("record a has version 1, not 0"));
  EXPECT_EQ(Read("b")->value, "2");
  EXPECT_EQ(*Write({{.key = "a", .expected_version = 1}}), 2);
  EXPECT_EQ(Read("a").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(FakeRecordStoreTest, AnExpiredRecordIsNone) {
  ASSERT_TRUE(
      Write({{.key = "a", .value = "1", .expire_at = clock_.Now() + absl::Seconds(1)}}).ok());
  EXPECT_TRUE(Read("a").ok());
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Read("a").status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(Keys("", "", 9), IsEmpty());
  EXPECT_TRUE(Write({{.key = "a", .value = "2", .expected_version = 0}}).ok());
}

TEST_F(FakeRecordStoreTest, AListHoldsWhatFollowsInOrder) {
  for (const char* key : {"p/b", "p/a", "o", "p/c", "q"}) {
    ASSERT_TRUE(Write({{.key = key, .value = ""}}).ok());
  }
  EXPECT_THAT(Keys("p/", "", 2), ElementsAre("p/a", "p/b"));
  EXPECT_THAT(Keys("p/", "p/b", 2), ElementsAre("p/c"));
  EXPECT_THAT(Keys("", "", 9), ElementsAre("o", "p/a", "p/b", "p/c", "q"));
}

TEST_F(FakeRecordStoreTest, ChangesGoToTheSinkInOrderAlsoThoseMadeInIt) {
  std::vector<RecordChange> told;
  store_.SetChangeSink([&](const std::vector<RecordChange>& changes) {
    told.insert(told.end(), changes.begin(), changes.end());
    if (told.size() == 1) Write({{.key = "b", .value = "2"}}).IgnoreError();
  });
  ASSERT_TRUE(Write({{.key = "a", .value = "1"}}).ok());
  ASSERT_TRUE(Write({{.key = "a"}}).ok());
  EXPECT_THAT(told, ElementsAre(RecordChange{"a", "1", 1}, RecordChange{"b", "2", 2},
                                RecordChange{"a", absl::nullopt, 3}));
}

TEST_F(FakeRecordStoreTest, WhatIsNotOfItsFormIsRefused) {
  const auto code = [&](std::vector<RecordWrite> writes) {
    return Write(std::move(writes)).status().code();
  };
  EXPECT_EQ(code({}), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code({{.key = "", .value = ""}}), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code({{.key = std::string(513, 'k'), .value = ""}}),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code({{.key = "k", .value = std::string(65'537, 'v')}}),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code({{.key = "k", .value = "1"}, {.key = "k", .value = "2"}}),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code({{.key = std::string(512, 'k'), .value = std::string(65'536, 'v')}}),
            absl::StatusCode::kOk);
  EXPECT_EQ(Read("").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(FakeRecordStoreTest, ATestCanRefuseWritesAndReads) {
  store_.RefuseWrites(absl::UnavailableError("full"));
  EXPECT_EQ(Write({{.key = "a", .value = "1"}}).status(), absl::UnavailableError("full"));
  store_.RefuseWrites(absl::OkStatus());
  ASSERT_TRUE(Write({{.key = "a", .value = "1"}}).ok());
  EXPECT_EQ(store_.writes(), 2);
  store_.RefuseReads(absl::UnavailableError("away"));
  EXPECT_EQ(Read("a").status(), absl::UnavailableError("away"));
}

}  // namespace
}  // namespace livecounter::counter
