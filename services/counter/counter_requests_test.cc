#include "services/counter/counter_requests.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::counter {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kProduct = "accounts/a/products/p";
const std::string kName = "accounts/a/products/p/counters/2";

// The request is refused with a message that names what was wrong.
template <typename Request>
void ExpectRefused(const Request& request, const std::string& named) {
  const absl::Status status = Check(request).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << request.ShortDebugString();
  EXPECT_THAT(std::string(status.message()), HasSubstr(named));
}

TEST(CounterRequestsTest, GetTakesACounterName) {
  v1::GetCounterRequest request;
  ExpectRefused(request, "counter name");
  request.set_name(kName);
  EXPECT_EQ(Check(request).value(), (CounterId{kProduct, "2"}));
}

TEST(CounterRequestsTest, GetTakesLongIdsOfPresenceToo) {
  v1::GetCounterRequest request;
  request.set_name(kProduct + "/counters/https%3A%2F%2Fexample.org%2F");
  EXPECT_EQ(Check(request)->id, "https://example.org/");
}

TEST(CounterRequestsTest, ListTakesAProductAndAPageSize) {
  v1::ListCountersRequest request;
  ExpectRefused(request, "product name");
  request.set_parent(kProduct);
  request.set_page_token("t");
  EXPECT_EQ(Check(request)->product, kProduct);
  EXPECT_EQ(Check(request)->page_token, "t");
  EXPECT_EQ(Check(request)->page_size, 100);
  request.set_page_size(1);
  EXPECT_EQ(Check(request)->page_size, 1);
  request.set_page_size(1'000);
  EXPECT_EQ(Check(request)->page_size, 1'000);
  request.set_page_size(1'001);
  EXPECT_EQ(Check(request)->page_size, 1'000);
  request.set_page_size(-1);
  ExpectRefused(request, "page_size");
}

TEST(CounterRequestsTest, CreateTakesAnIdAndAStart) {
  v1::CreateCounterRequest request;
  request.set_counter_id("2");
  ExpectRefused(request, "product name");
  request.set_parent(kProduct);
  EXPECT_EQ(Check(request)->counter, (CounterId{kProduct, "2"}));
  EXPECT_EQ(Check(request)->hits, 0);
  request.mutable_counter()->set_hits(7);
  EXPECT_EQ(Check(request)->hits, 7);
  request.mutable_counter()->set_hits(-1);
  ExpectRefused(request, "counter.hits");
  request.clear_counter();
  request.set_request_id(std::string(255, 'r'));
  request.set_validate_only(true);
  EXPECT_EQ(Check(request)->request_id.size(), 255u);
  EXPECT_TRUE(Check(request)->validate_only);
  request.set_request_id(std::string(256, 'r'));
  ExpectRefused(request, "request_id");
  request.clear_request_id();
  for (const std::string& id : {std::string(), std::string("a/b"), std::string(65, 'c')}) {
    request.set_counter_id(id);
    ExpectRefused(request, "counter_id");
  }
}

TEST(CounterRequestsTest, IncrementCountsOneUnlessItSaysMore) {
  v1::IncrementCounterRequest request;
  ExpectRefused(request, "counter name");
  request.set_name(kName);
  EXPECT_EQ(Check(request).value(), (KeyedHit{{kProduct, "2"}, "", 1, false}));
  request.set_by(INT64_MAX);
  request.set_request_id("r");
  EXPECT_EQ(Check(request).value(), (KeyedHit{{kProduct, "2"}, "r", INT64_MAX, false}));
  for (int64_t by : {int64_t{0}, int64_t{-1}, INT64_MIN}) {
    request.set_by(by);
    ExpectRefused(request, "by");
  }
}

TEST(CounterRequestsTest, ARequestIdHasUpTo255Bytes) {
  v1::IncrementCounterRequest request;
  request.set_name(kName);
  request.set_request_id(std::string(255, 'r'));
  EXPECT_TRUE(Check(request).ok());
  request.set_request_id(std::string(256, 'r'));
  ExpectRefused(request, "request_id");
}

TEST(CounterRequestsTest, SetTakesZeroAndMore) {
  v1::SetCounterRequest request;
  ExpectRefused(request, "counter name");
  request.set_name(kName);
  EXPECT_EQ(Check(request)->hits, 0);
  request.set_hits(-1);
  ExpectRefused(request, "hits");
}

TEST(CounterRequestsTest, WhatHasNoHitsIsNotWritten) {
  const std::string name = kProduct + "/counters/a%2Fb";
  v1::IncrementCounterRequest increment;
  increment.set_name(name);
  ExpectRefused(increment, "'/'");
  v1::SetCounterRequest set;
  set.set_name(name);
  ExpectRefused(set, "'/'");
  v1::DeleteCounterRequest remove;
  remove.set_name(name);
  ExpectRefused(remove, "'/'");
  remove.set_name(kName);
  EXPECT_EQ(Check(remove)->id, "2");
}

TEST(CounterRequestsTest, HistoryTakesAResolutionAndATime) {
  v1::GetHistoryRequest request;
  ExpectRefused(request, "counter name");
  request.set_name(kProduct + "/counters/a%2Fb");
  EXPECT_EQ(Check(request)->resolution, HistoryResolution::kMinute);
  EXPECT_EQ(Check(request)->from, absl::InfinitePast());
  EXPECT_EQ(Check(request)->to, absl::InfiniteFuture());
  request.set_resolution(v1::GetHistoryRequest::MINUTE);
  EXPECT_EQ(Check(request)->resolution, HistoryResolution::kMinute);
  request.set_resolution(v1::GetHistoryRequest::HOUR);
  request.mutable_start_time()->set_seconds(100);
  request.mutable_end_time()->set_seconds(100);
  request.mutable_end_time()->set_nanos(5);
  EXPECT_EQ(Check(request)->counter, (CounterId{kProduct, "a/b"}));
  EXPECT_EQ(Check(request)->resolution, HistoryResolution::kHour);
  EXPECT_EQ(Check(request)->from, absl::FromUnixSeconds(100));
  EXPECT_EQ(Check(request)->to, absl::FromUnixSeconds(100) + absl::Nanoseconds(5));
  request.mutable_start_time()->set_seconds(101);
  ExpectRefused(request, "end_time");
  request.mutable_start_time()->set_nanos(-1);
  ExpectRefused(request, "start_time");
  request.clear_start_time();
  request.mutable_end_time()->set_seconds(INT64_MAX);
  ExpectRefused(request, "end_time");
  request.clear_end_time();
  request.set_resolution(static_cast<v1::GetHistoryRequest::Resolution>(9));
  ExpectRefused(request, "resolution");
}

TEST(CounterRequestsTest, WatchTakesUpToAThousandNames) {
  v1::WatchCountersRequest request;
  ExpectRefused(request, "names");
  request.add_names(kName);
  request.add_names(kProduct + "/counters/x");
  EXPECT_THAT(Check(request).value(),
              ElementsAre(CounterId{kProduct, "2"}, CounterId{kProduct, "x"}));
  while (request.names_size() < 1'000) request.add_names(kName);
  EXPECT_TRUE(Check(request).ok());
  request.add_names(kName);
  ExpectRefused(request, "names");
}

TEST(CounterRequestsTest, WatchTakesNamesThatFitItsAnswer) {
  v1::WatchCountersRequest request;
  for (int i = 0; i < 600; ++i) {
    request.add_names(absl::StrCat(kProduct, "/counters/", std::string(2'000, 'c'), i));
  }
  EXPECT_TRUE(Check(request).ok());
  for (std::string& name : *request.mutable_names()) {
    name = kProduct + "/counters/";
    for (int i = 0; i < 2'000; ++i) name += "%20";
  }
  ExpectRefused(request, "3 MiB");
}

TEST(CounterRequestsTest, WatchNamesTheNameThatIsNone) {
  v1::WatchCountersRequest request;
  request.add_names(kName);
  request.add_names("counters/2");
  ExpectRefused(request, "\"counters/2\"");
}

}  // namespace
}  // namespace livecounter::counter
