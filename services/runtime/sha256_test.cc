#include "services/runtime/sha256.h"

#include <string>

#include "gtest/gtest.h"

namespace livecounter::runtime {
namespace {

// FIPS 180-2, appendix B.
constexpr char kOfNothing[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr char kOfAbc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Sha256Test, IsThatOfTheStandardsExamples) {
  Sha256 sum;
  EXPECT_EQ(sum.Finish(), kOfNothing);
  sum.Update("abc");
  EXPECT_EQ(sum.Finish(), kOfAbc);
}

TEST(Sha256Test, PiecesAreAsTheWhole) {
  Sha256 sum;
  for (const char* piece : {"a", "", "bc"}) sum.Update(piece);
  EXPECT_EQ(sum.Finish(), kOfAbc);
}

}  // namespace
}  // namespace livecounter::runtime
