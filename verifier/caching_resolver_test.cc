#include "verifier/caching_resolver.h"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace livecounter::verifier {
namespace {

// Answers when it is told to.
class HeldResolver final : public Resolver {
 public:
  void Resolve(const std::string& host, Done done) override {
    asked.push_back(host);
    waiting[host] = std::move(done);
  }

  std::vector<std::string> asked;
  std::map<std::string, Done> waiting;
};

class CachingResolverTest : public testing::Test {
 protected:
  CachingResolverTest() {
    auto held = std::make_unique<HeldResolver>();
    held_ = held.get();
    resolver_ = std::make_unique<CachingResolver>(CachingResolver::Options{.max_hosts = 3},
                                                  std::move(held), clock_);
  }

  void Want(const std::string& host) {
    resolver_->Resolve(host, [this, host](const absl::StatusOr<Addresses>& addresses) {
      heard_.push_back(absl::StrCat(
          host, " ", addresses.ok() ? (*addresses)[0].ToString() : addresses.status().ToString()));
    });
  }
  void Tell(const std::string& host, const absl::StatusOr<Addresses>& addresses) {
    held_->waiting[host](addresses);
  }
  static Addresses One(absl::string_view text) { return {runtime::IpAddress::Parse(text).value()}; }

  runtime::FakeClock clock_;
  HeldResolver* held_;
  std::unique_ptr<CachingResolver> resolver_;
  std::vector<std::string> heard_;
};

using Strings = std::vector<std::string>;

TEST_F(CachingResolverTest, ManyWhoWantAHostAreOneLookUp) {
  Want("a");
  Want("a");
  EXPECT_EQ(held_->asked, Strings({"a"}));
  Tell("a", One("1.2.3.4"));
  EXPECT_EQ(heard_, Strings({"a 1.2.3.4", "a 1.2.3.4"}));
}

TEST_F(CachingResolverTest, AnAnswerIsRememberedForHalfAMinute) {
  Want("a");
  Tell("a", One("1.2.3.4"));
  clock_.Advance(absl::Seconds(29));
  Want("a");
  EXPECT_EQ(heard_, Strings({"a 1.2.3.4", "a 1.2.3.4"}));
  clock_.Advance(absl::Seconds(1));
  Want("a");
  EXPECT_EQ(held_->asked, Strings({"a", "a"}));
}

TEST_F(CachingResolverTest, AnErrorIsRememberedForThreeSeconds) {
  Want("a");
  Tell("a", absl::NotFoundError("none"));
  clock_.Advance(absl::Seconds(2));
  Want("a");
  EXPECT_EQ(heard_, Strings({"a NOT_FOUND: none", "a NOT_FOUND: none"}));
  clock_.Advance(absl::Seconds(1));
  Want("a");
  EXPECT_EQ(held_->asked, Strings({"a", "a"}));
}

TEST_F(CachingResolverTest, WhereItIsFullOnlyThoseWhoWaitAreKept) {
  Want("a");
  Want("b");
  Tell("b", One("1.2.3.4"));
  Want("c");
  Want("d");
  Want("b");
  EXPECT_EQ(held_->asked, Strings({"a", "b", "c", "d", "b"}));
  Tell("a", One("1.2.3.4"));
  EXPECT_EQ(heard_.back(), "a 1.2.3.4");
}

}  // namespace
}  // namespace livecounter::verifier
