#include "gateway/problem.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace livecounter::gateway {
namespace {

using ::testing::Contains;
using ::testing::Pair;

TEST(ProblemTest, SaysWhatWasWrongAsProblemJson) {
  const Response response = Problem(400, "The parameter \"urlId\" is missing.");
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(response.headers, Contains(Pair("content-type", "application/problem+json")));
  EXPECT_THAT(response.headers, Contains(Pair("cache-control", "no-store")));
  const nlohmann::json body = nlohmann::json::parse(response.body);
  EXPECT_EQ(body["type"], "about:blank");
  EXPECT_EQ(body["title"], "Bad Request");
  EXPECT_EQ(body["status"], 400);
  EXPECT_EQ(body["detail"], "The parameter \"urlId\" is missing.");
}

TEST(ProblemTest, EachStatusOfTheContractHasItsTitle) {
  const std::vector<std::pair<int, std::string>> titles = {{401, "Unauthorized"},
                                                           {403, "Forbidden"},
                                                           {404, "Not Found"},
                                                           {405, "Method Not Allowed"},
                                                           {409, "Conflict"},
                                                           {426, "Upgrade Required"},
                                                           {429, "Too Many Requests"},
                                                           {503, "Service Unavailable"},
                                                           {599, "Error"}};
  for (const auto& [status, title] : titles) {
    EXPECT_EQ(nlohmann::json::parse(Problem(status, "").body)["title"], title);
  }
}

TEST(ProblemTest, BytesThatAreNoTextAreReplaced) {
  const nlohmann::json body = nlohmann::json::parse(Problem(400, "\xff").body);
  EXPECT_EQ(body["detail"], "\xEF\xBF\xBD");
}

TEST(ProblemTest, AWrongMethodIsToldTheRightOnes) {
  const Response response = MethodNotAllowed("PUT", "GET, HEAD");
  EXPECT_EQ(response.status, 405);
  EXPECT_THAT(response.headers, Contains(Pair("allow", "GET, HEAD")));
  EXPECT_EQ(nlohmann::json::parse(response.body)["detail"],
            "The method PUT is not one of this resource's: GET, HEAD.");
}

}  // namespace
}  // namespace livecounter::gateway
