#include <string>

#include "cli/cli_fixture.h"
#include "livecounter/v1/counter_service.pb.h"

namespace livecounter::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class WatchTest : public CliTest {
 protected:
  static v1::WatchCountersResponse Update(const std::string& id, uint64_t revision, int64_t hits) {
    v1::WatchCountersResponse update;
    v1::Counter* const counter = update.add_counters();
    counter->set_name("accounts/demo/products/web/counters/" + id);
    counter->set_epoch(1);
    counter->set_revision(revision);
    counter->set_hits(hits);
    counter->set_present(3);
    return update;
  }
};

TEST_F(WatchTest, ElsewhereThanInATerminalEachChangeIsALine) {
  const auto first = Update("1", 1, 26);
  const auto second = Update("1", 2, 27);
  server_.AnswerStream("CounterService/WatchCounters", {&first, &second});
  ASSERT_EQ(Run("watch demo/web/1 --updates=2"), 0) << err_;
  EXPECT_THAT(out_,
              testing::MatchesRegex("2026-11-22T10:00:0.....Z demo/web/1 hits=26 present=3\n"
                                    "2026-11-22T10:00:0.....Z demo/web/1 hits=27 present=3\n"));
}

TEST_F(WatchTest, JsonIsAnObjectALine) {
  const auto first = Update("1", 1, 26);
  const auto second = Update("2", 5, 3);
  server_.AnswerStream("CounterService/WatchCounters", {&first, &second});
  ASSERT_EQ(Run("watch demo/web/1 demo/web/2 -o json --updates=2"), 0) << err_;
  EXPECT_EQ(
      out_,
      "{\"name\":\"accounts/demo/products/web/counters/1\",\"present\":\"3\",\"revision\":\"1\","
      "\"epoch\":\"1\",\"hits\":\"26\"}\n"
      "{\"name\":\"accounts/demo/products/web/counters/2\",\"present\":\"3\",\"revision\":\"5\","
      "\"epoch\":\"1\",\"hits\":\"3\"}\n");
}

TEST_F(WatchTest, AProductStandsForAllOfItsCounters) {
  v1::ListCountersResponse list;
  list.add_counters()->set_name("accounts/demo/products/web/counters/1");
  list.add_counters()->set_name("accounts/demo/products/web/counters/2");
  server_.Answer("CounterService/ListCounters", list);
  ASSERT_EQ(Run("watch demo/web"), 0) << err_;
  EXPECT_THAT(server_.RequestsOf("CounterService/WatchCounters"),
              ElementsAre("names: \"accounts/demo/products/web/counters/1\" names: "
                          "\"accounts/demo/products/web/counters/2\""));
}

TEST_F(WatchTest, WithADefaultAccountTwoWordsAreACounter) {
  ASSERT_EQ(Run("watch web/1 --account=demo"), 0) << err_;
  EXPECT_THAT(server_.RequestsOf("CounterService/WatchCounters"),
              ElementsAre("names: \"accounts/demo/products/web/counters/1\""));
}

TEST_F(WatchTest, AnErrorAtTheStartIsTheCommands) {
  server_.Refuse("CounterService/WatchCounters", absl::InvalidArgumentError("too many names"));
  EXPECT_EQ(Run("watch demo/web/1"), 1);
  EXPECT_EQ(err_, "livecounterctl: too many names\n");
  EXPECT_EQ(Run("watch demo/web/1 --server=127.0.0.1:1"), 1);
  EXPECT_THAT(err_, HasSubstr("cannot reach 127.0.0.1:1"));
}

TEST_F(WatchTest, AServerThatGoesAwayIsWaitedForAndOldValuesAreNotShownAgain) {
  const auto first = Update("1", 1, 26);
  const auto second = Update("1", 2, 27);
  server_.AnswerStream("CounterService/WatchCounters", {&second},
                       absl::UnavailableError("restarts"));
  server_.AnswerStream("CounterService/WatchCounters", {&first, &second}, absl::OkStatus());
  const auto third = Update("1", 3, 28);
  server_.AnswerStream("CounterService/WatchCounters", {&third});
  ASSERT_EQ(Run("watch demo/web/1 --updates=3 -o json"), 0) << err_;
  EXPECT_THAT(err_, HasSubstr("connection lost"));
  EXPECT_THAT(out_, Not(HasSubstr("\"hits\":\"26\""))) << "an older value after a newer one";
  EXPECT_THAT(out_, HasSubstr("\"hits\":\"28\""));
}

TEST_F(WatchTest, AnErrorThatNoWaitingMendsEndsIt) {
  const auto first = Update("1", 1, 26);
  server_.AnswerStream("CounterService/WatchCounters", {&first},
                       absl::UnauthenticatedError("the session has ended"));
  EXPECT_EQ(Run("watch demo/web/1"), 1);
  EXPECT_THAT(err_, HasSubstr("the session has ended"));
}

TEST_F(WatchTest, ATerminalIsRedrawnAndThenGivenBack) {
  terminal_.can_redraw = true;
  const auto first = Update("1", 1, 1'234);
  server_.AnswerStream("CounterService/WatchCounters", {&first});
  ASSERT_EQ(Run("watch demo/web/1 --updates=1"), 0) << err_;
  EXPECT_THAT(out_, testing::StartsWith("\x1b[?1049h\x1b[?25l\x1b[H"));
  EXPECT_THAT(out_, HasSubstr("1,234"));
  EXPECT_THAT(out_, HasSubstr("\x1b[1m")) << "the titles are bold";
  const size_t left = out_.find("\x1b[?25h\x1b[?1049l");
  ASSERT_NE(left, std::string::npos);
  EXPECT_THAT(out_.substr(left), HasSubstr("demo/web/1")) << "the last numbers stay";
  EXPECT_EQ(err_, "") << "what is lost is said on the screen";
}

TEST_F(WatchTest, NoColorIsRespected) {
  terminal_.can_redraw = true;
  environment_["NO_COLOR"] = "1";
  const auto first = Update("1", 1, 1'234);
  server_.AnswerStream("CounterService/WatchCounters", {&first});
  ASSERT_EQ(Run("watch demo/web/1 --updates=1"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("1,234"));
  EXPECT_THAT(out_, Not(HasSubstr("\x1b[1m")));
}

}  // namespace
}  // namespace livecounter::cli
