#include "services/counter/embedded/counter_list.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/counter/embedded/store_fixture.h"
#include "wire/page_token.h"

namespace livecounter::counter::embedded {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class CounterListTest : public StoreFixture {
 protected:
  void Join(const std::string& id) {
    counters_.UpdatePresence({{Counter(id), {PresenceHash{1, 1}}, {}}}, now_);
  }
  // Ids of the page at `token`, which becomes the next one.
  std::vector<std::string> Page(int size, std::string& token) {
    const auto page = ListCounters(*store_, counters_, kTestProduct, size, token, now_);
    EXPECT_TRUE(page.ok()) << page.status();
    if (!page.ok()) return {};
    std::vector<std::string> ids;
    for (const Change& change : page->counters) ids.push_back(change.counter.id);
    token = page->next_page_token;
    return ids;
  }
};

TEST_F(CounterListTest, StoredAndPresentCountersComeTogetherInOrder) {
  StoreCounter("b", 1);
  StoreCounter("d", 2);
  Join("a");
  Join("d");
  Join("e");
  const CounterPage page = *ListCounters(*store_, counters_, kTestProduct, 10, "", now_);
  ASSERT_EQ(page.counters.size(), 4u);
  EXPECT_EQ(page.counters[0].counter, Counter("a"));
  EXPECT_EQ(page.counters[0].hits, absl::nullopt);
  EXPECT_EQ(page.counters[0].present, 1);
  EXPECT_EQ(page.counters[1].hits, 1);
  EXPECT_EQ(page.counters[2].hits, 2);
  EXPECT_EQ(page.counters[2].present, 1);
  EXPECT_TRUE(page.next_page_token.empty());
}

TEST_F(CounterListTest, APageFitsIntoOneMessageHoweverLongItsIdsAre) {
  constexpr int kCounters = 400;
  for (int i = 0; i < kCounters; ++i) {
    Join(absl::StrCat(1'000 + i, std::string(2'000, '/')));
  }
  std::string token;
  std::vector<std::string> all;
  do {
    const std::vector<std::string> page = Page(1'000, token);
    ASSERT_THAT(page, Not(IsEmpty()));
    EXPECT_LT(page.size(), 200u) << "three bytes for each byte, and 1 MiB";
    all.insert(all.end(), page.begin(), page.end());
  } while (!token.empty());
  EXPECT_EQ(all.size(), static_cast<size_t>(kCounters));
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
}

TEST_F(CounterListTest, PagesAreWholeAndEnd) {
  for (const char* id : {"a", "c", "e"}) StoreCounter(id, 1);
  for (const char* id : {"b", "d"}) Join(id);
  std::string token;
  EXPECT_THAT(Page(2, token), ElementsAre("a", "b"));
  EXPECT_THAT(Page(2, token), ElementsAre("c", "d"));
  EXPECT_THAT(Page(2, token), ElementsAre("e"));
  EXPECT_TRUE(token.empty());
}

TEST_F(CounterListTest, ATokenStaysGoodWhileCountersComeAndGo) {
  for (const char* id : {"a", "b", "c", "d"}) StoreCounter(id, 1);
  std::string token;
  EXPECT_THAT(Page(2, token), ElementsAre("a", "b"));
  ASSERT_TRUE(
      store_->Commit({{Family::kCounters, CounterKey(Counter("b")), absl::nullopt}}, false).ok());
  StoreCounter("aa", 1);
  StoreCounter("bb", 1);
  EXPECT_THAT(Page(10, token), ElementsAre("bb", "c", "d"));
}

TEST_F(CounterListTest, OtherProductsAreNotListed) {
  StoreCounter("a", 1);
  ASSERT_TRUE(store_
                  ->Commit({{Family::kCounters, CounterKey({"accounts/a/products/p2", "z"}),
                             EncodeCounter({1, 1})},
                            {Family::kCounters, CounterKey({"accounts/a/products/o", "z"}),
                             EncodeCounter({1, 1})}},
                           false)
                  .ok());
  std::string token;
  EXPECT_THAT(Page(10, token), ElementsAre("a"));
}

TEST_F(CounterListTest, AnEmptyProductHasOneEmptyPage) {
  std::string token;
  EXPECT_THAT(Page(10, token), IsEmpty());
  EXPECT_TRUE(token.empty());
}

TEST_F(CounterListTest, PageSizesOutOfRangeAreRefused) {
  for (const int size : {-1, 0, 1001}) {
    EXPECT_EQ(ListCounters(*store_, counters_, kTestProduct, size, "", now_).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
  EXPECT_TRUE(ListCounters(*store_, counters_, kTestProduct, 1000, "", now_).ok());
}

TEST_F(CounterListTest, ATokenOfAnotherListIsRefused) {
  for (const std::string& token :
       {wire::MakePageToken("accounts/a/products/other", "a"), std::string("nonsense")}) {
    const absl::Status status =
        ListCounters(*store_, counters_, kTestProduct, 10, token, now_).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr("page token"));
  }
}

}  // namespace
}  // namespace livecounter::counter::embedded
