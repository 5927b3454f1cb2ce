#include "services/runtime/principal.h"

#include "gtest/gtest.h"
#include "services/runtime/grpc_status.h"

namespace livecounter::runtime {
namespace {

const Principal kOperator{.is_operator = true};
const Principal kSession{.account = "accounts/a"};

TEST(PrincipalTest, OnlyTheOperatorIsTheOperator) {
  EXPECT_TRUE(CheckOperator(kOperator).ok());
  for (const Principal& caller : {kSession, Principal()}) {
    const absl::Status denied = CheckOperator(caller);
    EXPECT_EQ(denied.code(), absl::StatusCode::kPermissionDenied);
    EXPECT_EQ(ReasonOf(denied), "OPERATOR_ONLY");
  }
}

TEST(PrincipalTest, ASessionOwnsItsAccountAndAllInIt) {
  for (const char* name : {"accounts/a", "accounts/a/products/p", "accounts/a/products/p/keys/k"}) {
    EXPECT_TRUE(CheckOwner(kSession, "product", name).ok()) << name;
    EXPECT_TRUE(CheckOwner(kOperator, "product", name).ok()) << name;
    EXPECT_FALSE(CheckOwner(Principal(), "product", name).ok()) << name;
  }
}

TEST(PrincipalTest, WhatIsAnothersIsAsIfItDidNotExist) {
  for (const char* name : {"accounts/b", "accounts/ab/products/p", "accounts/A", "accounts/-"}) {
    EXPECT_EQ(CheckOwner(kSession, "product", name), NoSuch("product", name));
    EXPECT_TRUE(CheckOwner(kOperator, "product", name).ok()) << name;
  }
}

TEST(PrincipalTest, ANameOfNoAccountIsNobodys) {
  for (const char* name : {"", "accounts", "accounts/", "products/a", "accounts//products/p"}) {
    EXPECT_EQ(CheckOwner(kSession, "product", name).code(), absl::StatusCode::kInvalidArgument)
        << name;
    EXPECT_FALSE(CheckOwner(Principal(), "product", name).ok()) << name;
  }
}

}  // namespace
}  // namespace livecounter::runtime
