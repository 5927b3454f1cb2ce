#include "services/counter/metered_engine.h"

#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/registry.h"
#include "services/counter/fake_engine.h"

namespace livecounter::counter {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

const CounterId kCounter{"accounts/a/products/p", "1"};

class MeteredEngineTest : public ::testing::Test {
 protected:
  // "op result" → how often, without the zeroes.
  std::map<std::string, double> Operations() {
    std::map<std::string, double> operations;
    for (const prometheus::MetricFamily& family : registry_.Collect()) {
      if (family.name != "livecounter_engine_operations_total") continue;
      for (const prometheus::ClientMetric& metric : family.metric) {
        if (metric.counter.value == 0) continue;
        std::map<std::string, std::string> labels;
        for (const auto& label : metric.label) labels[label.name] = label.value;
        operations[absl::StrCat(labels["op"], " ", labels["result"])] = metric.counter.value;
      }
    }
    return operations;
  }
  double TotalSeconds() {
    double seconds = 0;
    for (const prometheus::MetricFamily& family : registry_.Collect()) {
      if (family.name != "livecounter_engine_operation_seconds") continue;
      for (const prometheus::ClientMetric& metric : family.metric) {
        seconds += metric.histogram.sample_sum;
      }
    }
    return seconds;
  }
  // Any callback: remembers how it went.
  auto Done() {
    return [this](const auto& result) {
      if constexpr (std::is_same_v<std::decay_t<decltype(result)>, absl::Status>) {
        answers_.push_back(result);
      } else {
        answers_.push_back(result.status());
      }
    };
  }

  FakeEngine fake_;
  prometheus::Registry registry_;
  observability::EngineMetrics metrics_{registry_};
  runtime::FakeClock clock_;
  MeteredEngine engine_{fake_, metrics_, clock_};
  std::vector<absl::Status> answers_;
};

TEST_F(MeteredEngineTest, EveryOperationIsCountedUnderItsName) {
  engine_.RaiseEpochAbove(5, Done());
  engine_.Hit({{1, 1}, kCounter, 1, 1, true}, Done());
  engine_.HitOnce({kCounter, "key", 1, true}, Done());
  engine_.Create({{"accounts/a/products/p", "2"}}, Done());
  engine_.SetHits(kCounter, 7, Done());
  engine_.Read(kCounter, Done());
  engine_.List("accounts/a/products/p", 10, "", Done());
  engine_.RecordSession({1, 2}, Done());
  engine_.Probe(Done());
  engine_.Delete(kCounter, Done());
  engine_.Backup("somewhere", Done());
  RecordStore& records = engine_.Records();
  records.Write({{.key = "k", .value = "v"}}, Done());
  records.Read("k", Done());
  records.List("", "", 1, Done());
  engine_.AddUsage({1, 2}, {1, {{"accounts/a/products/p", 0, 1}}}, Done());
  engine_.ReadUsage({"accounts/a", 0, 1}, Done());
  engine_.ReadHistory(kCounter, HistoryResolution::kHour, absl::UnixEpoch(), absl::UnixEpoch(),
                      Done());
  engine_.DeleteProduct("accounts/a/products/p", Done());
  EXPECT_THAT(answers_, SizeIs(18));
  std::map<std::string, double> operations = Operations();
  for (const char* op :
       {"raise_epoch_above", "hit", "hit_once", "create", "set_hits", "read", "record_session",
        "probe", "delete", "write_records", "read_record", "list_records", "add_usage",
        "read_usage", "delete_product", "read_history"}) {
    EXPECT_EQ(operations[absl::StrCat(op, " ok")], 1) << op;
  }
  EXPECT_EQ(operations["list ok"] + operations["list failed"] + operations["list refused"], 1);
  EXPECT_EQ(operations["backup ok"] + operations["backup failed"] + operations["backup refused"],
            1);
}

TEST_F(MeteredEngineTest, RefusalsAndFailuresAreToldApart) {
  engine_.Hit({{1, 1}, kCounter, 1, 1, false}, Done());
  fake_.refuse_writes = absl::UnavailableError("full");
  engine_.Hit({{1, 1}, kCounter, 1, 1, true}, Done());
  EXPECT_EQ(answers_[0].code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(answers_[1].code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Operations()["hit refused"], 1);
  EXPECT_EQ(Operations()["hit failed"], 1);
}

TEST_F(MeteredEngineTest, TimeIsTakenUntilTheAnswer) {
  fake_.hold = true;
  engine_.Hit({{1, 1}, kCounter, 1, 1, true}, Done());
  EXPECT_THAT(Operations(), IsEmpty());
  clock_.Advance(absl::Seconds(2));
  fake_.Release();
  EXPECT_EQ(Operations()["hit ok"], 1);
  EXPECT_EQ(TotalSeconds(), 2);
}

TEST_F(MeteredEngineTest, WhatHasNoAnswerGoesThrough) {
  std::vector<Change> sent;
  engine_.SetChangeSink([&](std::vector<Change> changes) {
    for (Change& change : changes) sent.push_back(std::move(change));
  });
  engine_.Watch(kCounter);
  engine_.UpdatePresence({{kCounter, {{1, 1}}, {}}});
  engine_.RaiseFloor(kCounter, 3);
  EXPECT_EQ(sent.back().present, 3);
  engine_.EndRecovery();
  EXPECT_EQ(sent.back().present, 1);
  engine_.Unwatch(kCounter);
  EXPECT_THAT(fake_.watched, IsEmpty());
  engine_.RecordSession({1, 2}, Done());
  engine_.ForgetSession({1, 2});
  EXPECT_THAT(fake_.recorded, IsEmpty());
  std::vector<RecordChange> told;
  engine_.Records().SetChangeSink(
      [&](const std::vector<RecordChange>& changes) { told = changes; });
  fake_.records.Write({{.key = "k", .value = "v"}}, [](const absl::StatusOr<uint64_t>&) {});
  EXPECT_THAT(told, SizeIs(1));
  fake_.sessions_at_open = {{3, 4}};
  EXPECT_THAT(engine_.SessionsAtOpen(), SizeIs(1));
  EXPECT_EQ(engine_.Epoch(), fake_.Epoch());
  engine_.Close();
  EXPECT_THAT(Operations(), SizeIs(1)) << "the session's";
}

}  // namespace
}  // namespace livecounter::counter
