#include "services/admin/usage.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::admin {
namespace {

constexpr int64_t kHour = 3'600;
constexpr int64_t kNow = 1'700'000'000;  // 800 s into an hour
constexpr int64_t kThisHour = kNow - 800;

absl::StatusOr<UsageRange> Check(const v1::GetUsageRequest& request) {
  return CheckUsage(request, absl::FromUnixSeconds(kNow));
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
  const v1::GetUsageResponse response = ToMessage({{"accounts/a/products/p", kThisHour, 7}});
  ASSERT_EQ(response.points_size(), 1);
  EXPECT_EQ(response.points(0).product(), "accounts/a/products/p");
  EXPECT_EQ(response.points(0).hour().seconds(), kThisHour);
  EXPECT_EQ(response.points(0).connections(), 7);
}

}  // namespace
}  // namespace livecounter::admin
