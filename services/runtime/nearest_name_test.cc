#include "services/runtime/nearest_name.h"

#include "gtest/gtest.h"

namespace livecounter::runtime {
namespace {

TEST(EditDistanceTest, CountsSingleChanges) {
  const struct {
    const char* a;
    const char* b;
    size_t distance;
  } kCases[] = {
      {"", "", 0},      {"abc", "abc", 0},       {"", "abc", 3},
      {"abc", "", 3},   {"abc", "abd", 1},       {"abc", "abcd", 1},
      {"abc", "ac", 1}, {"abc", "acb", 1},       {"kitten", "sitting", 3},
      {"ca", "abc", 3}, {"listen", "lisetn", 1},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(EditDistance(c.a, c.b), c.distance) << c.a << " " << c.b;
    EXPECT_EQ(EditDistance(c.b, c.a), c.distance) << c.b << " " << c.a;
  }
}

TEST(NearestNameTest, FindsWhatWasMeant) {
  const std::vector<std::string> names = {"http_listen", "grpc_listen", "threads", "demo"};
  EXPECT_EQ(NearestName("htp_listen", names), "http_listen");
  EXPECT_EQ(NearestName("http-listen", names), "http_listen");
  EXPECT_EQ(NearestName("thread", names), "threads");
  EXPECT_EQ(NearestName("dmeo", names), "demo");
}

TEST(NearestNameTest, FarFromAllIsNothing) {
  const std::vector<std::string> names = {"http_listen", "threads", "x"};
  EXPECT_EQ(NearestName("verbose", names), "");
  EXPECT_EQ(NearestName("y", names), "") << "one letter for another is not a near miss";
  EXPECT_EQ(NearestName("anything", {}), "");
}

}  // namespace
}  // namespace livecounter::runtime
