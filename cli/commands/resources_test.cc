// Accounts, products, keys and counters: what is asked of the server, and what is shown.

#include <string>

#include "cli/cli_fixture.h"
#include "cli/json.h"
#include "livecounter/v1/admin_service.pb.h"
#include "livecounter/v1/counter_service.pb.h"

namespace livecounter::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class ResourcesTest : public CliTest {
 protected:
  static v1::Account Account(const std::string& id) {
    v1::Account account;
    account.set_name("accounts/" + id);
    account.set_display_name("Grüße " + id);
    account.set_email(id + "@shop.example");
    account.set_state(v1::Account::INACTIVE);
    account.mutable_create_time()->set_seconds(absl::ToUnixSeconds(Start()) - 3 * 3600);
    account.set_etag("e1");
    return account;
  }
  static v1::Counter Counter(const std::string& id, int64_t hits) {
    v1::Counter counter;
    counter.set_name("accounts/demo/products/web/counters/" + id);
    if (hits >= 0) counter.set_hits(hits);
    counter.set_present(3);
    return counter;
  }
};

TEST_F(ResourcesTest, OneIsShownAsASheetWithAbsoluteAndRelativeTime) {
  server_.Answer("AdminService/GetAccount", Account("demo"));
  ASSERT_EQ(Run("account get demo"), 0) << err_;
  EXPECT_EQ(out_,
            "account       demo\n"
            "display name  Grüße demo\n"
            "e-mail        demo@shop.example\n"
            "state         INACTIVE\n"
            "created       2026-11-22 07:00:00 UTC (3 h ago)\n"
            "etag          e1\n");
}

TEST_F(ResourcesTest, JsonIsTheMessageWithLowerCamelCaseAndZeros) {
  server_.Answer("AdminService/GetAccount", Account("demo"));
  ASSERT_EQ(Run("account get demo -o json"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("\"displayName\": \"Grüße demo\""));
  EXPECT_THAT(out_, HasSubstr("\"createTime\": \"2026-11-22T07:00:00Z\""));
  server_.Answer("CounterService/GetCounter", v1::Counter());
  ASSERT_EQ(Run("counter get demo/web/1 -o json"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("\"present\": \"0\""));
  EXPECT_THAT(out_, Not(HasSubstr("hits"))) << "there is no hit counter";
}

TEST_F(ResourcesTest, ListsAreWholeOverAllPages) {
  v1::ListAccountsResponse first;
  *first.add_accounts() = Account("a");
  first.set_next_page_token("p2");
  v1::ListAccountsResponse second;
  *second.add_accounts() = Account("b");
  for (int i = 0; i < 2; ++i) {
    server_.Answer("AdminService/ListAccounts", first);
    server_.Answer("AdminService/ListAccounts", second);
  }
  ASSERT_EQ(Run("account list"), 0) << err_;
  EXPECT_EQ(out_,
            "ACCOUNT  STATE     E-MAIL          DISPLAY NAME  CREATED\n"
            "a        INACTIVE  a@shop.example  Grüße a       3 h ago\n"
            "b        INACTIVE  b@shop.example  Grüße b       3 h ago\n");
  EXPECT_EQ(err_, "");
  ASSERT_EQ(Run("account list -o json"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("accounts/a"));
  EXPECT_THAT(out_, HasSubstr("accounts/b"));
  EXPECT_THAT(out_, HasSubstr("\"nextPageToken\": \"\""));
  EXPECT_THAT(server_.RequestsOf("AdminService/ListAccounts"),
              ElementsAre("page_size: 1000", "page_size: 1000 page_token: \"p2\"",
                          "page_size: 1000", "page_size: 1000 page_token: \"p2\""));
}

TEST_F(ResourcesTest, APageIsShownBeforeTheNextIsAskedFor) {
  v1::ListCountersResponse page;
  *page.add_counters() = Counter("1", 12345);
  page.set_next_page_token("p2");
  for (int i = 0; i < 2; ++i) {
    server_.Answer("CounterService/ListCounters", page);
    server_.Refuse("CounterService/ListCounters", absl::NotFoundError("it is gone"));
  }
  EXPECT_EQ(Run("counter list demo/web"), 1);
  EXPECT_THAT(out_, HasSubstr("12,345"));
  EXPECT_EQ(Run("counter list demo/web -o json"), 1);
  EXPECT_THAT(out_, HasSubstr("\"12345\""));
}

TEST_F(ResourcesTest, ColumnsGrowWhereALaterPageNeedsIt) {
  v1::ListCountersResponse first;
  *first.add_counters() = Counter("1", 1);
  first.set_next_page_token("p2");
  v1::ListCountersResponse second;
  *second.add_counters() = Counter("much-longer", 10);
  *second.add_counters() = Counter("2", 2);
  server_.Answer("CounterService/ListCounters", first);
  server_.Answer("CounterService/ListCounters", second);
  ASSERT_EQ(Run("counter list demo/web"), 0) << err_;
  EXPECT_EQ(out_,
            "COUNTER     HITS  PRESENT\n"
            "demo/web/1     1        3\n"
            "demo/web/much-longer    10        3\n"
            "demo/web/2               2        3\n");
}

TEST_F(ResourcesTest, JsonOfAListIsOneDocumentAlsoWithoutItems) {
  v1::ListCountersResponse page;
  *page.add_counters() = Counter("1", 1);
  *page.add_counters() = Counter("2", 2);
  server_.Answer("CounterService/ListCounters", page);
  server_.Answer("CounterService/ListCounters", v1::ListCountersResponse());
  ASSERT_EQ(Run("counter list demo/web -o json"), 0) << err_;
  EXPECT_EQ(out_, JsonDocument(page));
  ASSERT_EQ(Run("counter list demo/web -o json"), 0) << err_;
  EXPECT_EQ(out_, JsonDocument(v1::ListCountersResponse()));
  ASSERT_EQ(Run("counter list demo/web"), 0) << err_;
  EXPECT_EQ(out_, "COUNTER  HITS  PRESENT\n");
}

TEST_F(ResourcesTest, ALimitEndsAListAndSaysWhereItGoesOn) {
  v1::ListCountersResponse page;
  *page.add_counters() = Counter("1", 12345);
  *page.add_counters() = Counter("a%2Fb", -1);
  page.set_next_page_token("more");
  server_.Answer("CounterService/ListCounters", page);
  ASSERT_EQ(Run("counter list demo/web --limit=2 --page_token=from"), 0) << err_;
  EXPECT_EQ(out_,
            "COUNTER         HITS  PRESENT\n"
            "demo/web/1    12,345        3\n"
            "demo/web/a/b       –        3\n");
  EXPECT_THAT(err_, HasSubstr("--page_token=more"));
  EXPECT_THAT(server_.RequestsOf("CounterService/ListCounters"),
              ElementsAre(HasSubstr("page_size: 2 page_token: \"from\"")));
}

TEST_F(ResourcesTest, AnUpdateNamesTheFieldsThatWereGiven) {
  ASSERT_EQ(Run("product update demo/web --allowed_origins=https://a.example,https://b.example "
                "--max_connections=5 --noverification --lost_leave_grace=2m --etag=e1"),
            0)
      << err_;
  EXPECT_THAT(
      server_.RequestsOf("AdminService/UpdateProduct"),
      ElementsAre(
          "product { name: \"accounts/demo/products/web\" allowed_origins: \"https://a.example\" "
          "allowed_origins: \"https://b.example\" lost_leave_grace { seconds: 120 } limits { "
          "max_connections: 5 } verification { } etag: \"e1\" } update_mask { paths: "
          "\"allowed_origins\" paths: \"lost_leave_grace\" paths: \"limits.max_connections\" "
          "paths: "
          "\"verification.enabled\" }"));
}

TEST_F(ResourcesTest, AnEmptyListClearsAndNothingIsBadUsage) {
  ASSERT_EQ(Run("product update demo/web --allowed_origins="), 0) << err_;
  EXPECT_THAT(server_.RequestsOf("AdminService/UpdateProduct"),
              ElementsAre("product { name: \"accounts/demo/products/web\" } update_mask { paths: "
                          "\"allowed_origins\" }"));
  EXPECT_EQ(Run("product update demo/web"), 2);
  EXPECT_EQ(Run("account update demo --etag=x"), 2);
  EXPECT_EQ(server_.calls().size(), 1u);
}

TEST_F(ResourcesTest, CreatesSendTheirParentAndId) {
  ASSERT_EQ(Run("product create demo/web --auto_create_counters --min_update_interval=250ms "
                "--max_posts_per_second=0.5 --request_id=r1 --validate_only"),
            0)
      << err_;
  EXPECT_THAT(
      server_.RequestsOf("AdminService/CreateProduct"),
      ElementsAre("parent: \"accounts/demo\" product_id: \"web\" product { "
                  "auto_create_counters: true min_update_interval { nanos: 250000000 } limits { "
                  "max_posts_per_second: 0.5 } } request_id: \"r1\" validate_only: true"));
  ASSERT_EQ(Run("key create demo/web k1"), 0) << err_;
  EXPECT_THAT(server_.RequestsOf("AdminService/CreateApiKey"),
              ElementsAre("parent: \"accounts/demo/products/web\" api_key_id: \"k1\""));
  ASSERT_EQ(Run("counter create demo/web/a/b --hits=7"), 0) << err_;
  EXPECT_THAT(
      server_.RequestsOf("CounterService/CreateCounter"),
      ElementsAre("parent: \"accounts/demo/products/web\" counter_id: \"a/b\" counter { hits: "
                  "7 }"));
  ASSERT_EQ(Run("counter create demo/web/c --request_id=r2 --validate_only"), 0) << err_;
  EXPECT_THAT(server_.RequestsOf("CounterService/CreateCounter").back(),
              HasSubstr("request_id: \"r2\" validate_only: true"));
}

TEST_F(ResourcesTest, ProductsOfAllAccountsAreTheDash) {
  ASSERT_EQ(Run("product list --all"), 0) << err_;
  ASSERT_EQ(Run("product list demo"), 0) << err_;
  EXPECT_THAT(server_.RequestsOf("AdminService/ListProducts"),
              ElementsAre(HasSubstr("\"accounts/-\""), HasSubstr("\"accounts/demo\"")));
  EXPECT_EQ(Run("product list"), 2) << "no account was named";
}

TEST_F(ResourcesTest, IncrementsOnlySayWhatWasGiven) {
  v1::IncrementCounterResponse answer;
  *answer.mutable_counter() = Counter("1", 42);
  server_.Answer("CounterService/IncrementCounter", answer);
  ASSERT_EQ(Run("counter increment demo/web/1"), 0) << err_;
  EXPECT_EQ(out_, "counter  demo/web/1\nhits     42\npresent  3\n");
  ASSERT_EQ(Run("counter increment demo/web/1 --by=5 --request_id=r"), 0) << err_;
  EXPECT_THAT(
      server_.RequestsOf("CounterService/IncrementCounter"),
      ElementsAre("name: \"accounts/demo/products/web/counters/1\"",
                  "name: \"accounts/demo/products/web/counters/1\" by: 5 request_id: \"r\""));
}

TEST_F(ResourcesTest, TotalsAreWholeNumbers) {
  EXPECT_EQ(Run("counter set demo/web/1 many"), 2);
  EXPECT_EQ(Run("counter set demo/web/1 -1"), 2);
  EXPECT_EQ(Run("counter set demo/web/1 9223372036854775808"), 2);
  EXPECT_TRUE(server_.calls().empty());
  EXPECT_EQ(Run("counter set demo/web/1 9223372036854775807"), 0) << err_;
}

TEST_F(ResourcesTest, WhatCannotBeUndoneIsAskedAboutOnATerminal) {
  terminal_.can_ask = true;
  for (const char* line : {"account delete demo", "product delete demo/web",
                           "key revoke demo/web/k1", "counter delete demo/web/1"}) {
    EXPECT_EQ(Run(line, "\n"), 1) << line;
    EXPECT_THAT(err_, HasSubstr("for ever")) << line;
    EXPECT_EQ(Run(line, ""), 1) << line << ": nobody answered";
  }
  EXPECT_TRUE(server_.calls().empty());
  EXPECT_EQ(Run("account delete demo --force", "yes\n"), 0) << err_;
  EXPECT_EQ(Run("account delete demo -y"), 0) << err_;
  EXPECT_THAT(err_, Not(HasSubstr("[y/N]")));
  terminal_.can_ask = false;
  EXPECT_EQ(Run("account delete demo"), 0) << "scripts are not asked";
  EXPECT_THAT(server_.RequestsOf("AdminService/DeleteAccount"),
              ElementsAre("name: \"accounts/demo\" force: true", "name: \"accounts/demo\"",
                          "name: \"accounts/demo\""));
}

TEST_F(ResourcesTest, ADeleteNeverFallsBackOnTheDefaultAccount) {
  EXPECT_EQ(Run("account delete --account=demo"), 2);
  EXPECT_EQ(Run("account delete '' --account=demo"), 2);
  EXPECT_TRUE(server_.calls().empty());
}

TEST_F(ResourcesTest, WhatTheServerSaysCannotSteerTheTerminal) {
  v1::ApiKey key;
  key.set_key("k\x1b[2J");
  server_.Answer("AdminService/GetApiKey", key);
  ASSERT_EQ(Run("key get demo/web/k1"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("k\\x1b[2J"));
  server_.Refuse("AdminService/GetAccount", absl::NotFoundError("no \x1b[2J here"));
  EXPECT_EQ(Run("account get demo"), 1);
  EXPECT_EQ(err_, "livecounterctl: no \\x1b[2J here\n");
}

TEST_F(ResourcesTest, HistoryShowsGainsAndAsksForItsRange) {
  v1::GetHistoryResponse history;
  for (int i = 0; i < 3; ++i) {
    v1::HistoryPoint* const point = history.add_points();
    point->mutable_time()->set_seconds(absl::ToUnixSeconds(Start()) + i * 60);
    if (i > 0) point->set_hits(1000 * i);
    point->set_present_peak(i);
    point->set_present_mean(i / 2.0);
  }
  server_.Answer("CounterService/GetHistory", history);
  ASSERT_EQ(Run("counter history demo/web/1 --resolution=hour --start_time=2026-11-01"), 0) << err_;
  EXPECT_EQ(out_,
            "TIME (UTC)         HITS    MORE  PRESENT, MOST  MEAN\n"
            "2026-11-22 10:00      –                      0   0.0\n"
            "2026-11-22 10:01  1,000                      1   0.5\n"
            "2026-11-22 10:02  2,000  +1,000              2   1.0\n");
  EXPECT_THAT(
      server_.RequestsOf("CounterService/GetHistory"),
      ElementsAre("name: \"accounts/demo/products/web/counters/1\" resolution: HOUR start_time "
                  "{ seconds: 1793491200 }"));
}

}  // namespace
}  // namespace livecounter::cli
