#include "gateway/intrusive_list.h"

#include <memory>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::gateway {
namespace {

using ::testing::ElementsAre;

struct First;
struct Second;

struct Element : ListNode<First>, ListNode<Second> {
  explicit Element(int number) : number(number) {}
  int number;
};

template <typename Tag>
std::vector<int> Drain(IntrusiveList<Element, Tag>& list) {
  std::vector<int> numbers;
  while (!list.empty()) {
    numbers.push_back(list.front().number);
    static_cast<ListNode<Tag>&>(list.front()).Unlink();
  }
  return numbers;
}

TEST(IntrusiveListTest, KeepsTheOrderOfArrival) {
  Element a(1), b(2), c(3);
  IntrusiveList<Element, First> list;
  EXPECT_TRUE(list.empty());
  for (Element* element : {&a, &b, &c}) list.PushBack(*element);
  EXPECT_FALSE(list.empty());
  EXPECT_THAT(Drain(list), ElementsAre(1, 2, 3));
  EXPECT_FALSE(a.ListNode<First>::linked());
}

TEST(IntrusiveListTest, AnElementMovesFromListToList) {
  Element a(1), b(2);
  IntrusiveList<Element, First> from, to;
  from.PushBack(a);
  from.PushBack(b);
  to.PushBack(a);
  EXPECT_THAT(Drain(from), ElementsAre(2));
  EXPECT_THAT(Drain(to), ElementsAre(1));
}

TEST(IntrusiveListTest, AnElementCanBeInListsOfDifferentTags) {
  Element a(1);
  IntrusiveList<Element, First> first;
  IntrusiveList<Element, Second> second;
  first.PushBack(a);
  second.PushBack(a);
  EXPECT_THAT(Drain(first), ElementsAre(1));
  EXPECT_THAT(Drain(second), ElementsAre(1));
}

TEST(IntrusiveListTest, TakesAllOfAnotherToItsEnd) {
  Element a(1), b(2), c(3), d(4);
  IntrusiveList<Element, First> list, other;
  list.PushBack(a);
  list.PushBack(b);
  list.TakeAll(other);
  other.PushBack(c);
  other.PushBack(d);
  list.TakeAll(other);
  EXPECT_TRUE(other.empty());
  other.PushBack(a);
  EXPECT_THAT(Drain(list), ElementsAre(2, 3, 4));
  EXPECT_THAT(Drain(other), ElementsAre(1));
}

TEST(IntrusiveListTest, ElementsLeaveWhenTheyAreDestroyedAndSurviveTheList) {
  Element a(1);
  {
    IntrusiveList<Element, First> list;
    list.PushBack(a);
    auto b = std::make_unique<Element>(2);
    list.PushBack(*b);
    b.reset();
    EXPECT_EQ(list.front().number, 1);
  }
  EXPECT_FALSE(a.ListNode<First>::linked());
}

}  // namespace
}  // namespace livecounter::gateway
