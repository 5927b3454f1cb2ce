#include <string>

#include "cli/cli_fixture.h"
#include "livecounter/v1/admin_service.pb.h"

namespace livecounter::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class UsageTest : public CliTest {
 protected:
  static void Add(v1::GetUsageResponse* usage, const std::string& product, absl::CivilHour hour,
                  int64_t connections) {
    v1::UsagePoint* const point = usage->add_points();
    point->set_product("accounts/" + product);
    point->mutable_hour()->set_seconds(
        absl::ToUnixSeconds(absl::FromCivil(hour, absl::UTCTimeZone())));
    point->set_connections(connections);
  }
  static v1::GetUsageResponse Usage() {
    v1::GetUsageResponse usage;
    Add(&usage, "shop/products/app", absl::CivilHour(2026, 11, 21, 23), 7);
    Add(&usage, "shop/products/web", absl::CivilHour(2026, 10, 31, 23), 100);
    Add(&usage, "shop/products/web", absl::CivilHour(2026, 11, 21, 8), 1'000);
    Add(&usage, "shop/products/web", absl::CivilHour(2026, 11, 21, 9), 234);
    return usage;
  }
};

TEST_F(UsageTest, IsATableByDayWithATotal) {
  server_.Answer("AdminService/GetUsage", Usage());
  ASSERT_EQ(Run("usage shop"), 0) << err_;
  EXPECT_EQ(out_,
            "PRODUCT   DAY (UTC)   CONNECTIONS\n"
            "shop/app  2026-11-21            7\n"
            "shop/web  2026-10-31          100\n"
            "shop/web  2026-11-21        1,234\n"
            "total                       1,341\n");
  EXPECT_THAT(server_.RequestsOf("AdminService/GetUsage"), ElementsAre("name: \"accounts/shop\""));
}

TEST_F(UsageTest, ByHourAndByMonth) {
  server_.Answer("AdminService/GetUsage", Usage());
  ASSERT_EQ(Run("usage shop/web --by=hour"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("shop/web  2026-11-21 08:00        1,000\n"));
  ASSERT_EQ(Run("usage shop --by=month"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("shop/web  2026-11            1,234\n"));
  EXPECT_THAT(server_.RequestsOf("AdminService/GetUsage"),
              ElementsAre("name: \"accounts/shop/products/web\"", "name: \"accounts/shop\""));
}

TEST_F(UsageTest, AllPagesAreRead) {
  v1::GetUsageResponse first;
  Add(&first, "shop/products/app", absl::CivilHour(2026, 11, 1, 0), 7);
  first.set_next_page_token("more");
  v1::GetUsageResponse second;
  Add(&second, "shop/products/web", absl::CivilHour(2026, 11, 21, 8), 1'000);
  server_.Answer("AdminService/GetUsage", first);
  server_.Answer("AdminService/GetUsage", second);
  ASSERT_EQ(Run("usage shop --csv"), 0) << err_;
  EXPECT_EQ(out_, "account,month,connections\nshop,2026-11,1007\n");
  const std::string asked =
      "name: \"accounts/shop\" start_time { seconds: 1793491200 } end_time { seconds: 1796083200 }";
  EXPECT_THAT(server_.RequestsOf("AdminService/GetUsage"),
              ElementsAre(asked, asked + " page_token: \"more\""));
}

TEST_F(UsageTest, CsvHasALineForEachAccountAndMonthOfThisMonth) {
  v1::ListAccountsResponse accounts;
  accounts.add_accounts()->set_name("accounts/shop");
  accounts.add_accounts()->set_name("accounts/zero");
  server_.Answer("AdminService/ListAccounts", accounts);
  v1::GetUsageResponse usage;
  Add(&usage, "shop/products/app", absl::CivilHour(2026, 11, 1, 0), 7);
  Add(&usage, "shop/products/web", absl::CivilHour(2026, 11, 21, 8), 1'000);
  Add(&usage, "deleted/products/web", absl::CivilHour(2026, 11, 2, 8), 10);
  server_.Answer("AdminService/GetUsage", usage);
  ASSERT_EQ(Run("usage --csv"), 0) << err_;
  EXPECT_EQ(out_,
            "account,month,connections\ndeleted,2026-11,10\nshop,2026-11,1007\nzero,2026-11,0\n");
  EXPECT_THAT(server_.RequestsOf("AdminService/GetUsage"),
              ElementsAre("name: \"accounts/-\" start_time { seconds: 1793491200 } end_time { "
                          "seconds: 1796083200 }"));
}

TEST_F(UsageTest, CsvOfARangeHasAllItsMonths) {
  server_.Answer("AdminService/GetUsage", Usage());
  ASSERT_EQ(Run("usage shop --csv --start_time=2026-09-30 --end_time=2026-12-01"), 0) << err_;
  EXPECT_EQ(out_,
            "account,month,connections\nshop,2026-09,0\nshop,2026-10,100\nshop,2026-11,1241\n");
}

TEST_F(UsageTest, AMonthIsThatOfUtc) {
  ASSERT_EQ(Run("usage shop --month=2026-10"), 0) << err_;
  EXPECT_THAT(server_.RequestsOf("AdminService/GetUsage"),
              ElementsAre("name: \"accounts/shop\" start_time { seconds: 1790812800 } end_time { "
                          "seconds: 1793491200 }"));
}

TEST_F(UsageTest, JsonIsTheServersAnswer) {
  server_.Answer("AdminService/GetUsage", Usage());
  ASSERT_EQ(Run("usage shop -o json"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("\"hour\": \"2026-11-21T08:00:00Z\""));
  EXPECT_THAT(out_, HasSubstr("\"connections\": \"1000\""));
}

TEST_F(UsageTest, FlagsThatExcludeEachOtherAreBadUsage) {
  for (const char* line : {"usage shop --csv -o json", "usage shop --csv --by=day",
                           "usage shop/web --csv", "usage shop --month=2026-11 --start_time=1d",
                           "usage shop --month=november", "usage a/b/c"}) {
    EXPECT_EQ(Run(line), 2) << line;
  }
  EXPECT_TRUE(server_.calls().empty());
}

}  // namespace
}  // namespace livecounter::cli
