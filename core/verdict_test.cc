#include "core/verdict.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace livecounter {
namespace {

const std::vector<std::string>& Keys() {
  static const auto* const keys = new std::vector<std::string>{"key-1", "key-2"};
  return *keys;
}

struct Case {
  int status;
  std::string body;
  Verdict verdict;
};

TEST(VerdictTest, FollowsTheStatusWhereTheBodyIsAnApiKey) {
  const Case cases[] = {
      {200, "key-1", Verdict::kValid},     {200, "key-2", Verdict::kValid},
      {200, "key-1\n", Verdict::kValid},   {401, "key-2", Verdict::kInvalid},
      {401, "key-2\n", Verdict::kInvalid},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(VerdictOfAnswer(c.status, c.body, Keys()), c.verdict) << c.status << c.body;
  }
}

TEST(VerdictTest, OfAnythingElseIsIndeterminate) {
  const Case cases[] = {
      {200, "", {}},          {200, "\n", {}},
      {200, "key-3", {}},     {200, "key-1\n\n", {}},
      {200, "key-1\r\n", {}}, {200, " key-1", {}},
      {200, "key-1 ", {}},    {200, "KEY-1", {}},
      {200, "\"key-1\"", {}}, {200, "key-", {}},
      {200, "\nkey-1", {}},   {401, "", {}},
      {401, "key-3", {}},     {401, "Denied", {}},
      {201, "key-1", {}},     {204, "", {}},
      {301, "key-1", {}},     {302, "key-1", {}},
      {400, "key-1", {}},     {403, "key-1", {}},
      {404, "key-1", {}},     {500, "key-1", {}},
      {503, "key-1", {}},     {0, "key-1", {}},
      {-200, "key-1", {}},    {20, "key-1", {}},
      {2000, "key-1", {}},    {200, std::string(1, '\0'), {}},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(VerdictOfAnswer(c.status, c.body, Keys()), Verdict::kIndeterminate)
        << c.status << c.body;
  }
}

TEST(VerdictTest, AProductWithoutAKeyHasNoGoodAnswer) {
  EXPECT_EQ(VerdictOfAnswer(200, "", {}), Verdict::kIndeterminate);
  EXPECT_EQ(VerdictOfAnswer(200, "", {""}), Verdict::kIndeterminate);
  EXPECT_EQ(VerdictOfAnswer(401, "\n", {""}), Verdict::kIndeterminate);
}

TEST(VerdictTest, KnownVerdictsAreEqualWhereAllIs) {
  const KnownVerdict known = {Verdict::kValid, absl::Seconds(1)};
  EXPECT_EQ(known, (KnownVerdict{Verdict::kValid, absl::Seconds(1)}));
  EXPECT_FALSE(known == (KnownVerdict{Verdict::kInvalid, absl::Seconds(1)}));
  EXPECT_FALSE(known == (KnownVerdict{Verdict::kValid, absl::Seconds(2)}));
}

}  // namespace
}  // namespace livecounter
