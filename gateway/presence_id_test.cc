#include "gateway/presence_id.h"

#include <string>
#include <utility>

#include "gtest/gtest.h"

namespace livecounter::gateway {
namespace {

TEST(PresenceIdTest, HoldsAnyBytesOfAnyLength) {
  for (const size_t size : {1u, 2u, 36u, 256u}) {
    const std::string bytes(size, '\0');
    EXPECT_EQ(PresenceId(bytes).bytes(), bytes);
  }
}

TEST(PresenceIdTest, NobodyHasNone) {
  const PresenceId nobody;
  EXPECT_FALSE(nobody);
  EXPECT_EQ(nobody.bytes(), "");
  EXPECT_FALSE(PresenceId(nobody));
}

TEST(PresenceIdTest, CopiesAreTheirOwnAndMovesLeaveNothing) {
  PresenceId first("cookie");
  PresenceId copy(first);
  PresenceId moved(std::move(first));
  EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move): that is the point
  EXPECT_EQ(moved.bytes(), "cookie");
  moved = PresenceId("other");
  EXPECT_EQ(copy.bytes(), "cookie");
  EXPECT_EQ(moved.bytes(), "other");
}

TEST(PresenceIdTest, IsOfTheSizeOfAPointer) { EXPECT_EQ(sizeof(PresenceId), sizeof(void*)); }

}  // namespace
}  // namespace livecounter::gateway
