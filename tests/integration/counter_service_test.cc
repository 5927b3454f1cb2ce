// CounterService over gRPC, by its generated stub.

#include <google/protobuf/descriptor.h>

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "grpcpp/generic/generic_stub.h"
#include "gtest/gtest.h"
#include "services/runtime/grpc_test_support.h"
#include "tests/integration/counterd_fixture.h"

namespace livecounter::integration {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CounterServiceTest : public CounterdTest {
 protected:
  void SetUp() override {
    Start();
    stub_ = CounterStub();
  }

  grpc::Status Increment(absl::string_view id, int64_t by, const std::string& request_id,
                         int64_t* hits = nullptr) {
    v1::IncrementCounterRequest request;
    request.set_name(Name(id));
    request.set_by(by);
    request.set_request_id(request_id);
    v1::IncrementCounterResponse response;
    const grpc::Status status = stub_->IncrementCounter(Context().get(), request, &response);
    if (hits != nullptr) *hits = response.counter().hits();
    return status;
  }

  std::unique_ptr<v1::CounterService::Stub> stub_;
};

TEST_F(CounterServiceTest, EveryMethodAsksForTheToken) {
  EXPECT_THAT(
      runtime::UnprotectedMethods(CounterChannel(), v1::CounterService::service_full_name()),
      IsEmpty());
}

TEST_F(CounterServiceTest, TheGatewaysTokenOpensNothing) {
  const auto answer =
      runtime::RawCall(CounterChannel(), "/livecounter.v1.CounterService/GetCounter", "",
                       absl::StrCat("Bearer ", kEdgeToken));
  EXPECT_EQ(answer.code, grpc::StatusCode::UNAUTHENTICATED);
}

TEST_F(CounterServiceTest, ACounterIsCreatedOnceAndRead) {
  Create("a-ü", 7);
  const v1::Counter counter = Get("a-ü");
  EXPECT_EQ(counter.name(), "accounts/demo/products/demo/counters/a-%C3%BC");
  EXPECT_EQ(counter.hits(), 7);
  EXPECT_EQ(counter.present(), 0);
  EXPECT_GT(counter.epoch(), 0u);
  v1::CreateCounterRequest again;
  again.set_parent(std::string(kProduct));
  again.set_counter_id("a-ü");
  v1::Counter response;
  EXPECT_EQ(stub_->CreateCounter(Context().get(), again, &response).error_code(),
            grpc::StatusCode::ALREADY_EXISTS);
}

TEST_F(CounterServiceTest, ARequestIdCreatesOnceAndWhatIsValidatedIsNotMade) {
  v1::CreateCounterRequest request;
  request.set_parent(std::string(kProduct));
  request.set_counter_id("2");
  request.mutable_counter()->set_hits(7);
  request.set_request_id("r");
  request.set_validate_only(true);
  v1::Counter response;
  EXPECT_TRUE(stub_->CreateCounter(Context().get(), request, &response).ok());
  EXPECT_EQ(response.name(), Name("2"));
  EXPECT_EQ(response.hits(), 7);
  v1::GetCounterRequest get;
  get.set_name(Name("2"));
  EXPECT_EQ(stub_->GetCounter(Context().get(), get, &response).error_code(), grpc::NOT_FOUND);
  request.clear_validate_only();
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(stub_->CreateCounter(Context().get(), request, &response).ok());
    EXPECT_EQ(response.hits(), 7);
  }
  request.mutable_counter()->set_hits(8);
  EXPECT_EQ(stub_->CreateCounter(Context().get(), request, &response).error_code(),
            grpc::INVALID_ARGUMENT);
}

TEST_F(CounterServiceTest, AnIncrementCreatesACounterWhereTheProductSaysSo) {
  EXPECT_EQ(Increment("new", 1, "").error_code(), grpc::NOT_FOUND);
  EXPECT_EQ(Increment("new", 1, "r").error_code(), grpc::NOT_FOUND);
  v1::UpdateProductRequest request;
  request.mutable_product()->set_name(std::string(kProduct));
  request.mutable_product()->set_auto_create_counters(true);
  request.mutable_update_mask()->add_paths("auto_create_counters");
  v1::Product product;
  ASSERT_TRUE(AdminStub()->UpdateProduct(Context().get(), request, &product).ok());
  int64_t hits = 0;
  EXPECT_TRUE(Increment("new", 2, "", &hits).ok());
  EXPECT_EQ(hits, 2);
  EXPECT_TRUE(Increment("named", 3, "r", &hits).ok());
  EXPECT_EQ(hits, 3);
  EXPECT_TRUE(Increment("named", 3, "r", &hits).ok());
  EXPECT_EQ(hits, 3) << "the same request";
}

TEST_F(CounterServiceTest, WhatTheListShowsCanBeHad) {
  GatewayPeer peer(EdgeChannel());
  ASSERT_TRUE(peer.Attach({7, 7}));
  peer.Resend(Counter("page"), 2);
  peer.AwaitPresent(Counter("page"), 2);
  peer.Resend(Counter("other"), 1);
  v1::WatchCountersRequest watch_request;
  watch_request.add_names(Name("page"));
  auto context = Context();
  const auto watch = stub_->WatchCounters(context.get(), watch_request);
  v1::WatchCountersResponse message;
  do {
    ASSERT_TRUE(watch->Read(&message));
  } while (message.counters(0).present() > 0);
  context->TryCancel();
  watch->Finish();
  v1::ListCountersRequest list;
  list.set_parent(std::string(kProduct));
  v1::ListCountersResponse page;
  ASSERT_TRUE(stub_->ListCounters(Context().get(), list, &page).ok());
  ASSERT_EQ(page.counters_size(), 2) << "the one that nobody is at has history";
  for (const v1::Counter& counter : page.counters()) {
    v1::GetCounterRequest request;
    request.set_name(counter.name());
    v1::Counter got;
    const grpc::Status status = stub_->GetCounter(Context().get(), request, &got);
    EXPECT_TRUE(status.ok()) << counter.name() << ": " << status.error_message();
    EXPECT_EQ(got.present(), counter.present());
  }
}

TEST_F(CounterServiceTest, WhatHasNeitherHitsNorPresenceIsNotFound) {
  v1::GetCounterRequest request;
  request.set_name(Name("nothing"));
  v1::Counter response;
  EXPECT_EQ(stub_->GetCounter(Context().get(), request, &response).error_code(),
            grpc::StatusCode::NOT_FOUND);
  GatewayPeer peer(EdgeChannel());
  peer.Attach({7, 7});
  peer.Resend(Counter("nothing"), 2);
  peer.AwaitPresent(Counter("nothing"), 2);
  const v1::Counter present = Get("nothing");
  EXPECT_FALSE(present.has_hits());
  EXPECT_EQ(present.present(), 2);
}

TEST_F(CounterServiceTest, EachCallerGetsTheTotalAfterItsOwnHits) {
  Create("2");
  int64_t hits = 0;
  EXPECT_TRUE(Increment("2", 41, "", &hits).ok());
  EXPECT_EQ(hits, 41);
  EXPECT_TRUE(Increment("2", 1, "", &hits).ok());
  EXPECT_EQ(hits, 42);
}

TEST_F(CounterServiceTest, TwoHundredCallersAtOnceGetDistinctConsecutiveValues) {
  constexpr int kCallers = 200;
  constexpr int kCalls = 5;
  Create("2");
  std::atomic<int> failed{0};
  std::vector<std::vector<int64_t>> values(kCallers);
  std::vector<std::thread> callers;
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([&, i] {
      for (int j = 0; j < kCalls; ++j) {
        int64_t hits = 0;
        if (!Increment("2", 1, "", &hits).ok()) ++failed;
        values[i].push_back(hits);
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(failed, 0);
  std::set<int64_t> distinct;
  for (const auto& of_one : values) distinct.insert(of_one.begin(), of_one.end());
  EXPECT_EQ(distinct.size(), size_t{kCallers * kCalls});
  EXPECT_EQ(*distinct.begin(), 1);
  EXPECT_EQ(*distinct.rbegin(), kCallers * kCalls);
}

TEST_F(CounterServiceTest, ARequestIdCountsOnce) {
  Create("2");
  int64_t hits = 0;
  EXPECT_TRUE(Increment("2", 5, "r", &hits).ok());
  EXPECT_TRUE(Increment("2", 1, "", nullptr).ok());
  EXPECT_TRUE(Increment("2", 5, "r", &hits).ok());
  EXPECT_EQ(hits, 5);
  EXPECT_EQ(Increment("2", 6, "r").error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Get("2").hits(), 6);
}

TEST_F(CounterServiceTest, IncrementsOfWhatIsNotThereOrTooMuchAreRefused) {
  EXPECT_EQ(Increment("2", 1, "").error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Increment("2", 1, "r").error_code(), grpc::StatusCode::NOT_FOUND);
  Create("2", INT64_MAX - 1);
  EXPECT_EQ(Increment("2", 2, "").error_code(), grpc::StatusCode::OUT_OF_RANGE);
  EXPECT_EQ(Increment("2", 2, "r").error_code(), grpc::StatusCode::OUT_OF_RANGE);
  EXPECT_TRUE(Increment("2", 1, "").ok());
}

TEST_F(CounterServiceTest, ATotalIsSetAndReset) {
  Create("2", 7);
  v1::SetCounterRequest request;
  request.set_name(Name("2"));
  request.set_hits(1000);
  v1::Counter response;
  EXPECT_TRUE(stub_->SetCounter(Context().get(), request, &response).ok());
  EXPECT_EQ(response.hits(), 1000);
  request.set_hits(0);
  EXPECT_TRUE(stub_->SetCounter(Context().get(), request, &response).ok());
  EXPECT_EQ(Get("2").hits(), 0);
  request.set_name(Name("none"));
  EXPECT_EQ(stub_->SetCounter(Context().get(), request, &response).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST_F(CounterServiceTest, ACounterIsDeletedOnce) {
  Create("2");
  v1::DeleteCounterRequest request;
  request.set_name(Name("2"));
  google::protobuf::Empty response;
  EXPECT_TRUE(stub_->DeleteCounter(Context().get(), request, &response).ok());
  EXPECT_EQ(stub_->DeleteCounter(Context().get(), request, &response).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST_F(CounterServiceTest, ListsAPageAtATime) {
  for (int i = 1; i <= 5; ++i) Create(absl::StrCat(i));
  v1::ListCountersRequest request;
  request.set_parent(std::string(kProduct));
  request.set_page_size(2);
  std::vector<std::string> names;
  do {
    v1::ListCountersResponse page;
    ASSERT_TRUE(stub_->ListCounters(Context().get(), request, &page).ok());
    EXPECT_LE(page.counters_size(), 2);
    for (const v1::Counter& counter : page.counters()) names.push_back(counter.name());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(names, ElementsAre(Name("1"), Name("2"), Name("3"), Name("4"), Name("5")));
  request.set_page_token("nonsense");
  v1::ListCountersResponse page;
  const grpc::Status status = stub_->ListCounters(Context().get(), request, &page);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("page_token"));
}

TEST_F(CounterServiceTest, ACallWhoseDeadlineHasPassedCountsNothing) {
  Create("2");
  for (const char* request_id : {"", "r"}) {
    v1::IncrementCounterRequest request;
    request.set_name(Name("2"));
    request.set_request_id(request_id);
    v1::IncrementCounterResponse response;
    auto context = Context();
    context->set_deadline(std::chrono::system_clock::now() - std::chrono::seconds(1));
    EXPECT_EQ(stub_->IncrementCounter(context.get(), request, &response).error_code(),
              grpc::StatusCode::DEADLINE_EXCEEDED);
  }
  EXPECT_EQ(Get("2").hits(), 0);
}

TEST_F(CounterServiceTest, AMessageBeyondTheLimitIsRefused) {
  v1::GetCounterRequest request;
  request.set_name(std::string(size_t{5} << 20, 'x'));
  v1::Counter response;
  EXPECT_EQ(stub_->GetCounter(Context().get(), request, &response).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
}

// --- Watching. ---

TEST_F(CounterServiceTest, TheFirstMessageHoldsAllAndChangesFollow) {
  Create("2", 7);
  v1::WatchCountersRequest request;
  request.add_names(Name("2"));
  request.add_names(Name("later"));
  auto context = Context();
  const auto watch = stub_->WatchCounters(context.get(), request);
  v1::WatchCountersResponse message;
  ASSERT_TRUE(watch->Read(&message));
  ASSERT_EQ(message.counters_size(), 2);
  std::set<std::string> names;
  for (const v1::Counter& counter : message.counters()) names.insert(counter.name());
  EXPECT_THAT(names, ElementsAre(Name("2"), Name("later")));

  Create("later", 1);
  ASSERT_TRUE(watch->Read(&message));
  ASSERT_EQ(message.counters_size(), 1);
  EXPECT_EQ(message.counters(0).name(), Name("later"));
  EXPECT_EQ(message.counters(0).hits(), 1);
  context->TryCancel();
  EXPECT_EQ(watch->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(CounterServiceTest, ASlowReaderGetsTheNewestAndNothingOlderAfterIt) {
  Create("2");
  v1::WatchCountersRequest request;
  request.add_names(Name("2"));
  auto context = Context();
  const auto watch = stub_->WatchCounters(context.get(), request);
  for (int i = 0; i < 300; ++i) ASSERT_TRUE(Increment("2", 1, "").ok());
  v1::WatchCountersResponse message;
  std::pair<uint64_t, uint64_t> newest = {0, 0};
  int64_t hits = -1;
  while (hits < 300) {
    ASSERT_TRUE(watch->Read(&message));
    for (const v1::Counter& counter : message.counters()) {
      const std::pair<uint64_t, uint64_t> version = {counter.epoch(), counter.revision()};
      EXPECT_GT(version, newest);
      newest = version;
      hits = counter.hits();
    }
  }
  context->TryCancel();
  watch->Finish();
}

TEST_F(CounterServiceTest, AWatchEndsWithItsDeadline) {
  Create("2");
  v1::WatchCountersRequest request;
  request.add_names(Name("2"));
  auto context = Context();
  context->set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(200));
  const auto watch = stub_->WatchCounters(context.get(), request);
  v1::WatchCountersResponse message;
  while (watch->Read(&message)) {
  }
  EXPECT_EQ(watch->Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
}

TEST_F(CounterServiceTest, AWatchOfNothingIsRefused) {
  auto context = Context();
  const auto watch = stub_->WatchCounters(context.get(), v1::WatchCountersRequest());
  EXPECT_EQ(watch->Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(CounterServiceTest, StoppingEndsAWatchWithUnavailable) {
  Create("2");
  v1::WatchCountersRequest request;
  request.add_names(Name("2"));
  auto context = Context();
  const auto watch = stub_->WatchCounters(context.get(), request);
  v1::WatchCountersResponse message;
  ASSERT_TRUE(watch->Read(&message));
  counterd_->Drain(absl::Now() + absl::Seconds(10));
  EXPECT_EQ(watch->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

// --- The whole. ---

TEST_F(CounterServiceTest, DemoDataIsLoadedOnceWhereThereIsNone) {
  Stop();
  options_.data_dir = directory_.Path("demo");
  options_.demo = true;
  Start();
  stub_ = CounterStub();
  for (int id = 1; id <= 9; ++id) EXPECT_EQ(Get(absl::StrCat(id)).hits(), 0);
  ASSERT_TRUE(Increment("9", 1, "").ok());
  Stop();
  Start();
  EXPECT_EQ(Get("9").hits(), 1);
}

TEST_F(CounterServiceTest, ASecondOneOnTheSameDataOrPortIsRefused) {
  runtime::Health health;
  prometheus::Registry registry;
  counterd::Options options = options_;
  options.grpc_listen.port = 0;
  options.edge_listen.port = 0;
  const auto same_data =
      counterd::Counterd::Start(options, {clock_, random_, logger_, health, registry});
  EXPECT_EQ(same_data.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(same_data.status().message()), HasSubstr(options.data_dir));

  options.data_dir = directory_.Path("other");
  options.grpc_listen = options_.grpc_listen;
  const auto same_port =
      counterd::Counterd::Start(options, {clock_, random_, logger_, health, registry});
  EXPECT_EQ(same_port.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(same_port.status().message()), HasSubstr(counterd_->grpc_address()));
  EXPECT_FALSE(counterd::CheckOptions(options_).ok());
}

bool IsOfCounterService(const prometheus::ClientMetric& metric) {
  for (const prometheus::ClientMetric::Label& label : metric.label) {
    if (label.value == v1::CounterService::service_full_name()) return true;
  }
  return false;
}

TEST_F(CounterServiceTest, TheMetricsCountHitsAndCalls) {
  Create("2");
  ASSERT_TRUE(Increment("2", 5, "").ok());
  double hits = 0;
  double handled = 0;
  for (const prometheus::MetricFamily& family : registry_->Collect()) {
    for (const prometheus::ClientMetric& metric : family.metric) {
      if (family.name == "livecounter_counterd_hits_total") hits += metric.counter.value;
      if (family.name == "grpc_server_handled_total" && IsOfCounterService(metric)) {
        handled += metric.counter.value;
      }
    }
  }
  EXPECT_EQ(hits, 5);
  EXPECT_EQ(handled, 2);
}

TEST_F(CounterServiceTest, HealthIsToldWithoutAToken) {
  const auto answer = runtime::RawCall(CounterChannel(), "/grpc.health.v1.Health/Check",
                                       "\x0a\x05"
                                       "alive");
  EXPECT_EQ(answer.code, 0) << answer.message;
  EXPECT_THAT(answer.responses, ElementsAre("\x08\x01"));
}

}  // namespace
}  // namespace livecounter::integration
