// Counters created, set, deleted, read and listed.

#include "absl/strings/str_cat.h"
#include "tests/conformance/conformance_test.h"

namespace livecounter::counter {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class CountersTest : public ConformanceTest {
 protected:
  // All ids of kProduct, by pages of `page_size`.
  std::vector<std::string> ListIds(int page_size) {
    std::vector<std::string> ids;
    std::string token;
    do {
      const auto page = blocking().List(kProduct, page_size, token);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) break;
      EXPECT_LE(page->counters.size(), static_cast<size_t>(page_size));
      for (const Change& change : page->counters) ids.push_back(change.counter.id);
      token = page->next_page_token;
    } while (!token.empty());
    return ids;
  }
};

TEST_P(CountersTest, ACreatedCounterExistsOnceAndForGood) {
  const auto created = blocking().Create(Counter("1"), 26);
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(created->counter, Counter("1"));
  EXPECT_EQ(created->hits, 26);
  EXPECT_EQ(*blocking().Read(Counter("1")), *created);
  EXPECT_EQ(blocking().Create(Counter("1"), 0).status().code(), absl::StatusCode::kAlreadyExists);
  harness_->Crash();
  EXPECT_EQ(Hits("1"), 26);
  EXPECT_EQ(blocking().Create(Counter("1"), 0).status().code(), absl::StatusCode::kAlreadyExists);
}

TEST_P(CountersTest, ARequestIdMakesACounterOnce) {
  const NewCounter wanted = {.counter = Counter("1"), .hits = 26, .request_id = "r"};
  const auto created = blocking().Create(wanted);
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(Hit("1"), 27);
  for (const bool crashed : {false, true}) {
    if (crashed) harness_->Crash();
    const auto repeated = blocking().Create(wanted);
    ASSERT_TRUE(repeated.ok()) << repeated.status();
    EXPECT_EQ(repeated->hits, 27) << "as it is now";
  }
  NewCounter other = wanted;
  other.hits = 1;
  EXPECT_EQ(blocking().Create(other).status().code(), absl::StatusCode::kInvalidArgument);
  other = wanted;
  other.request_id = "another";
  EXPECT_EQ(blocking().Create(other).status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(blocking().Create(other).status().code(), absl::StatusCode::kAlreadyExists)
      << "what was refused is no repeat";
  EXPECT_TRUE(blocking().HitOnce({Counter("1"), "r", 26}).ok()) << "another kind of request";
  EXPECT_EQ(Hits("1"), 53);

  ASSERT_TRUE(blocking().Delete(Counter("1")).ok());
  EXPECT_EQ(blocking().Create(wanted).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Hits("1"), absl::nullopt) << "a late repeat does not bring it back";
  harness_->clock().Advance(kRecordLifetime);
  EXPECT_TRUE(blocking().Create(wanted).ok());
}

TEST_P(CountersTest, WhatIsOnlyValidatedIsNotMade) {
  const NewCounter wanted = {
      .counter = Counter("1"), .hits = 26, .request_id = "r", .validate_only = true};
  for (int i = 0; i < 2; ++i) {
    const auto validated = blocking().Create(wanted);
    ASSERT_TRUE(validated.ok()) << validated.status();
    EXPECT_EQ(validated->hits, 26);
    EXPECT_EQ(Hits("1"), absl::nullopt);
  }
  NewCounter other = wanted;
  other.hits = -1;
  EXPECT_EQ(blocking().Create(other).status().code(), absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE(blocking().Create(Counter("1"), 1).ok());
  EXPECT_EQ(blocking().Create(wanted).status().code(), absl::StatusCode::kAlreadyExists);
}

TEST_P(CountersTest, SettingPutsTheTotalUpOrDown) {
  EXPECT_EQ(blocking().SetHits(Counter("1"), 1).status().code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(blocking().Create(Counter("1"), 26).ok());
  const Change up = *blocking().SetHits(Counter("1"), 100);
  EXPECT_EQ(up.hits, 100);
  const Change down = *blocking().SetHits(Counter("1"), 0);
  EXPECT_EQ(down.hits, 0);
  EXPECT_GT(down.version, up.version);
  EXPECT_EQ(*blocking().Read(Counter("1")), down);
  EXPECT_EQ(Hit("1"), 1);
}

TEST_P(CountersTest, SettingToWhatItIsChangesNothing) {
  const Change created = *blocking().Create(Counter("1"), 26);
  EXPECT_EQ(blocking().SetHits(Counter("1"), 26)->version, created.version);
}

TEST_P(CountersTest, NegativeTotalsAndMalformedIdsAreRefused) {
  EXPECT_EQ(blocking().Create(Counter("1"), -1).status().code(),
            absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE(blocking().Create(Counter("1"), 1).ok());
  EXPECT_EQ(blocking().SetHits(Counter("1"), -1).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(blocking().Create(Counter("a/b"), 0).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(blocking().SetHits(Counter(""), 0).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(blocking().Delete(Counter(std::string(65, 'x'))).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(blocking().Read(Counter("")).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(blocking().Read(Counter(std::string(2049, 'x'))).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(blocking().Read(Counter(std::string(2048, 'x'))).ok());
}

TEST_P(CountersTest, ADeletedCounterIsGoneAndItsPresenceStays) {
  EXPECT_EQ(blocking().Delete(Counter("1")).code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(blocking().Create(Counter("1"), 26).ok());
  Join("1", 1);
  const Change before = *blocking().Read(Counter("1"));
  ASSERT_TRUE(blocking().Delete(Counter("1")).ok());
  const Change after = *blocking().Read(Counter("1"));
  EXPECT_EQ(after.hits, absl::nullopt);
  EXPECT_EQ(after.present, 1);
  EXPECT_GT(after.version, before.version);
  EXPECT_EQ(blocking().Delete(Counter("1")).code(), absl::StatusCode::kNotFound);
  harness_->Reopen();
  EXPECT_EQ(Hits("1"), absl::nullopt);
}

TEST_P(CountersTest, RepeatsCountNothingEvenAfterTheCounterWasDeletedOrSet) {
  const HitBatch batch = Next("1", kSender, 5);
  ASSERT_TRUE(blocking().Hit(batch).ok());
  ASSERT_TRUE(blocking().HitOnce({Counter("1"), "key", 2, true}).ok());
  ASSERT_TRUE(blocking().Delete(Counter("1")).ok());
  EXPECT_EQ(blocking().Hit(batch)->value_after, 5);
  EXPECT_EQ(blocking().HitOnce({Counter("1"), "key", 2, true})->value_after, 7);
  EXPECT_EQ(Hits("1"), absl::nullopt);
  ASSERT_TRUE(blocking().Create(Counter("1"), 100).ok());
  EXPECT_EQ(blocking().Hit(batch)->value_after, 5);
  EXPECT_EQ(Hits("1"), 100);
}

TEST_P(CountersTest, ANewLifeOfACounterHasHigherVersions) {
  const Change first = *blocking().Create(Counter("1"), 26);
  ASSERT_TRUE(blocking().Delete(Counter("1")).ok());
  EXPECT_GT(blocking().Create(Counter("1"), 26)->version, first.version);
}

TEST_P(CountersTest, EachAnswerIsTheValueThatItsCallMadeHoweverManyAreOnTheirWay) {
  std::vector<Answer<absl::StatusOr<Change>>> changes(50);
  std::vector<Answer<absl::StatusOr<HitResult>>> hits(50);
  std::vector<Answer<absl::Status>> deletions(50);
  for (int i = 0; i < 50; ++i) {
    engine().Create({Counter("1"), 1000 * i}, changes[i].Callback());
    engine().Hit(Next("1", kSender), hits[i].Callback());
    engine().Delete(Counter("1"), deletions[i].Callback());
  }
  Version last;
  for (int i = 0; i < 50; ++i) {
    const Change created = *changes[i].Wait();
    EXPECT_EQ(created.hits, 1000 * i);
    const HitResult hit = *hits[i].Wait();
    EXPECT_EQ(hit.value_after, 1000 * i + 1);
    EXPECT_GT(created.version, last);
    EXPECT_GT(hit.version, created.version);
    last = hit.version;
    EXPECT_TRUE(deletions[i].Wait().ok());
  }
}

TEST_P(CountersTest, ListingGivesWhatExistsOrIsPresentInByteOrder) {
  for (const char* id : {"b", "a", "10", "2", "\xc3\xa9"}) {
    ASSERT_TRUE(blocking().Create(Counter(id), 1).ok());
  }
  Join("c", 1);
  Join("a", 1);
  ASSERT_TRUE(blocking().Read(Counter("only read")).ok());
  for (const int page_size : {1, 2, 3, 100, 1000}) {
    EXPECT_THAT(ListIds(page_size), ElementsAre("10", "2", "a", "b", "c", "\xc3\xa9"));
  }
  const CounterPage page = *blocking().List(kProduct, 100, "");
  EXPECT_EQ(page.counters[2].hits, 1);
  EXPECT_EQ(page.counters[2].present, 1);
  EXPECT_EQ(page.counters[4].hits, absl::nullopt);
  EXPECT_EQ(page.counters[2], *blocking().Read(Counter("a")));
}

TEST_P(CountersTest, ListingIsOfOneProductAndLeavesOutWhatIsGone) {
  ASSERT_TRUE(blocking().Create(Counter("a"), 1).ok());
  ASSERT_TRUE(blocking().Create(Counter("b"), 1).ok());
  ASSERT_TRUE(blocking().Create({"accounts/demo/products/demo2", "z"}, 1).ok());
  ASSERT_TRUE(blocking().Delete(Counter("a")).ok());
  EXPECT_THAT(ListIds(10), ElementsAre("b"));
  EXPECT_THAT(blocking().List("accounts/demo/products/none", 10, "")->counters, IsEmpty());
}

TEST_P(CountersTest, APageTokenStaysGoodWhileCountersComeAndGo) {
  for (const char* id : {"a", "b", "c", "d"}) ASSERT_TRUE(blocking().Create(Counter(id), 1).ok());
  const CounterPage first = *blocking().List(kProduct, 2, "");
  ASSERT_TRUE(blocking().Delete(Counter("b")).ok());
  ASSERT_TRUE(blocking().Create(Counter("aa"), 1).ok());
  ASSERT_TRUE(blocking().Create(Counter("bb"), 1).ok());
  harness_->Reopen();
  const CounterPage second = *blocking().List(kProduct, 10, first.next_page_token);
  ASSERT_EQ(second.counters.size(), 3u);
  EXPECT_EQ(second.counters[0].counter.id, "bb");
  EXPECT_TRUE(second.next_page_token.empty());
}

TEST_P(CountersTest, WrongPagesAreRefused) {
  ASSERT_TRUE(blocking().Create(Counter("a"), 1).ok());
  ASSERT_TRUE(blocking().Create(Counter("b"), 1).ok());
  const std::string token = blocking().List(kProduct, 1, "")->next_page_token;
  ASSERT_FALSE(token.empty());
  const auto code = [&](const std::string& product, int page_size, const std::string& token) {
    return blocking().List(product, page_size, token).status().code();
  };
  EXPECT_EQ(code(kProduct, 1, token), absl::StatusCode::kOk);
  EXPECT_EQ(code(kProduct, 0, ""), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(kProduct, 1001, ""), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(kProduct, 1, "made up"), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(kProduct, 1, token + "A"), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code("accounts/demo/products/other", 1, token), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code("not a product", 1, ""), absl::StatusCode::kInvalidArgument);
}

LIVECOUNTER_RUN_ON_EVERY_ENGINE(CountersTest);

}  // namespace
}  // namespace livecounter::counter
