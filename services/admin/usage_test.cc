#include "services/admin/usage.h"

#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "wire/page_token.h"

namespace livecounter::admin {
namespace {

constexpr int64_t kHour = 3'600;
constexpr int64_t kNow = 1'700'000'000;  // 800 s into an hour
constexpr int64_t kThisHour = kNow - 800;

absl::StatusOr<counter::UsageQuery> Check(const v1::GetUsageRequest& request,
                                          const Account* own = nullptr) {
  return CheckUsage(request, own, absl::FromUnixSeconds(kNow));
}

// One that was made so many hours before this one.
Account Own(int64_t hours_ago) {
  Account own{.name = "accounts/a", .data = {}};
  own.data.mutable_create_time()->set_seconds(kThisHour - hours_ago * kHour + 1'234);
  return own;
}

v1::GetUsageRequest Request(const std::string& name = "accounts/a") {
  v1::GetUsageRequest request;
  request.set_name(name);
  return request;
}

TEST(UsageTest, TheDefaultIsTheLast31DaysWithThisHour) {
  const auto range = Check(Request());
  ASSERT_TRUE(range.ok()) << range.status();
  EXPECT_EQ(range->name, "accounts/a");
  EXPECT_EQ(range->from, kThisHour - 31 * 24 * kHour);
  EXPECT_EQ(range->to, kThisHour + kHour);
}

TEST(UsageTest, TimesMeanTheHoursThatHoldThem) {
  v1::GetUsageRequest request = Request("accounts/a/products/p");
  request.mutable_start_time()->set_seconds(kThisHour + 1);
  request.mutable_end_time()->set_seconds(kThisHour + 2);
  EXPECT_EQ(Check(request)->from, kThisHour);
  EXPECT_EQ(Check(request)->to, kThisHour + kHour);
  request.mutable_start_time()->set_seconds(kThisHour);
  request.mutable_end_time()->set_seconds(kThisHour + kHour);
  EXPECT_EQ(Check(request)->from, kThisHour);
  EXPECT_EQ(Check(request)->to, kThisHour + kHour);
  request.mutable_start_time()->set_seconds(-1);
  request.mutable_end_time()->set_seconds(1);
  EXPECT_EQ(Check(request)->from, -kHour);
  EXPECT_EQ(Check(request)->to, kHour);
}

TEST(UsageTest, WhatMakesNoSenseIsRefused) {
  for (const char* name : {"", "accounts/", "accounts/a/products", "accounts/a/products/",
                           "accounts/a/products/p/keys/k", "products/p"}) {
    EXPECT_EQ(Check(Request(name)).status().code(), absl::StatusCode::kInvalidArgument) << name;
  }
  v1::GetUsageRequest request = Request();
  request.mutable_start_time()->set_seconds(kNow);
  EXPECT_FALSE(Check(request).ok());
  request.mutable_start_time()->set_seconds(kNow - 401 * 24 * kHour);
  EXPECT_FALSE(Check(request).ok());
  request.mutable_start_time()->set_seconds(kNow - 400 * 24 * kHour);
  EXPECT_TRUE(Check(request).ok());
  request.mutable_start_time()->set_nanos(-1);
  EXPECT_FALSE(Check(request).ok());
}

TEST(UsageTest, PointsAreWhatWasRead) {
  const v1::GetUsageResponse response =
      ToMessage(*Check(Request()), {{"accounts/a/products/p", kThisHour, 7}});
  ASSERT_EQ(response.points_size(), 1);
  EXPECT_EQ(response.points(0).product(), "accounts/a/products/p");
  EXPECT_EQ(response.points(0).hour().seconds(), kThisHour);
  EXPECT_EQ(response.points(0).connections(), 7);
  EXPECT_EQ(response.next_page_token(), "");
}

// `products` of account "a", each with so many hours.
std::vector<UsageEntry> Entries(int products, int hours) {
  std::vector<UsageEntry> entries;
  for (int product = 0; product < products; ++product) {
    for (int hour = 0; hour < hours; ++hour) {
      entries.push_back(
          {absl::StrCat("accounts/a/products/p", 1'000 + product), hour * kHour, 1 + hour});
    }
  }
  return entries;
}

// As the engine reads them.
std::vector<UsageEntry> Read(const counter::UsageQuery& query,
                             const std::vector<UsageEntry>& entries) {
  std::vector<UsageEntry> read;
  for (const UsageEntry& entry : entries) {
    const bool is_due =
        std::tie(entry.product, entry.hour) > std::tie(query.after_product, query.after_hour);
    if (is_due && read.size() < query.limit) read.push_back(entry);
  }
  return read;
}

TEST(UsageTest, PagesTogetherAreAllThatWasRead) {
  const std::vector<UsageEntry> entries = Entries(3, 4);
  for (const int page_size : {1, 3, 4, 5, 11, 12, 13}) {
    v1::GetUsageRequest request = Request();
    request.set_page_size(page_size);
    std::vector<UsageEntry> all;
    do {
      const auto query = Check(request);
      ASSERT_TRUE(query.ok()) << query.status();
      const v1::GetUsageResponse page = ToMessage(*query, Read(*query, entries));
      EXPECT_LE(page.points_size(), page_size);
      ASSERT_GT(page.points_size(), 0);
      for (const v1::UsagePoint& point : page.points()) {
        all.push_back({point.product(), point.hour().seconds(), point.connections()});
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    EXPECT_EQ(all, entries) << page_size;
  }
}

TEST(UsageTest, APageHoldsAYearOfAProductAndFitsIntoAMessageOfGrpc) {
  v1::GetUsageRequest request = Request();
  const std::string id(63, 'x');
  std::vector<UsageEntry> entries;
  for (int64_t hour = 0; hour < 20'000; ++hour) {
    entries.push_back({absl::StrCat("accounts/", id, "/products/", id), kThisHour + hour * kHour,
                       std::numeric_limits<int64_t>::max()});
  }
  for (const int page_size : {0, 1'000'000}) {
    request.set_page_size(page_size);
    const counter::UsageQuery query = *Check(request);
    const v1::GetUsageResponse page = ToMessage(query, Read(query, entries));
    EXPECT_EQ(page.points_size(), 10'000);
    EXPECT_LT(page.ByteSizeLong(), size_t{4} << 20);
    EXPECT_NE(page.next_page_token(), "");
  }
}

TEST(UsageTest, ATokenIsOfItsListOrRefused) {
  v1::GetUsageRequest request = Request();
  request.set_page_size(1);
  const std::string token = ToMessage(*Check(request), Entries(1, 2)).next_page_token();
  ASSERT_NE(token, "");
  const auto takes = [](const std::string& name, const std::string& page_token,
                        const Account* own = nullptr) {
    v1::GetUsageRequest other = Request(name);
    other.set_page_token(page_token);
    return Check(other, own).ok();
  };
  EXPECT_TRUE(takes("accounts/a", token));
  EXPECT_FALSE(takes("accounts/-", token));
  EXPECT_FALSE(takes("accounts/a/products/p1000", token));
  EXPECT_FALSE(takes("accounts/b", token));
  const Account own = Own(1);
  EXPECT_TRUE(takes("accounts/-", token, &own));
  EXPECT_FALSE(
      takes("accounts/-", wire::MakePageToken("accounts/a", "accounts/b/products/p@0"), &own));
  for (const char* text :
       {"@", "accounts/a@0", "accounts/a/products/p", "0", "accounts/a/products/p@",
        "accounts/a/products/p@x", "accounts/a/products/p@01", "accounts/a/products/p@-3600",
        "accounts/a/products/p@9223372036854775807", "accounts/a/products/p/keys/k@0"}) {
    EXPECT_FALSE(takes("accounts/a", wire::MakePageToken("accounts/a", text))) << text;
    EXPECT_FALSE(takes("accounts/a", text)) << text;
  }
  request.set_page_size(-1);
  EXPECT_EQ(Check(request).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(UsageTest, ASessionSeesWhatIsNotOlderThanItsAccount) {
  const Account young = Own(2);
  EXPECT_EQ(Check(Request(), &young)->from, kThisHour - 2 * kHour) << "the hour it was made in";
  EXPECT_EQ(AnyUsage("accounts/a/products/p", &young).from, kThisHour - 2 * kHour);
  const Account old = Own(1'000);
  EXPECT_EQ(Check(Request(), &old)->from, Check(Request())->from);
  EXPECT_LE(AnyUsage("accounts/a", nullptr).from, 0);
}

TEST(UsageTest, AllAccountsAreItsOwnToASession) {
  EXPECT_EQ(Check(Request("accounts/-"))->name, "accounts/-");
  const Account own = Own(1);
  EXPECT_EQ(Check(Request("accounts/-"), &own)->name, "accounts/a");
}

}  // namespace
}  // namespace livecounter::admin
