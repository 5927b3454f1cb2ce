#include "gateway/verification/verified_users.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "gateway/testing/fake_catalog.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/registry.h"

namespace livecounter::gateway {
namespace {

using observability::UserVerdict;

constexpr char kProduct[] = "accounts/a/products/p";
constexpr absl::Duration kPatience = absl::Seconds(30);

UserId User(uint64_t n) { return {kProduct, {n, n}}; }

// Keeps questions until the test answers them.
class FakeVerifier final : public VerifierClient {
 public:
  void Verify(const Product& product, const PresenceId& presence_id, Done done) override {
    absl::MutexLock lock(&mutex_);
    EXPECT_EQ(product.name, kProduct);
    ++asked_;
    questions_.emplace_back(std::string(presence_id.bytes()), std::move(done));
  }
  void Stop() override {
    absl::MutexLock lock(&mutex_);
    for (auto& [presence_id, done] : questions_) done(absl::CancelledError("stopped"));
    questions_.clear();
  }

  // The next question's presence ID, and its answer.
  std::string Answer(const absl::StatusOr<KnownVerdict>& answer) {
    const auto has_question = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return !questions_.empty();
    };
    absl::MutexLock lock(&mutex_);
    if (!mutex_.AwaitWithTimeout(absl::Condition(&has_question), kPatience)) return "nothing";
    auto [presence_id, done] = std::move(questions_.front());
    questions_.erase(questions_.begin());
    done(answer);
    return presence_id;
  }
  int asked() {
    absl::MutexLock lock(&mutex_);
    return asked_;
  }

 private:
  absl::Mutex mutex_;
  int asked_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::pair<std::string, Done>> questions_ ABSL_GUARDED_BY(mutex_);
};

// A loop that keeps what it was told last.
class FakeLoopEnd {
 public:
  explicit FakeLoopEnd(VerifiedUsers& users)
      : id(users.AddLoop([this](const UserId& user, bool counts) {
          absl::MutexLock lock(&mutex_);
          told_[user] = counts;
        })) {}

  bool AwaitTold(const UserId& user, bool counts) {
    const auto is_told = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      const auto found = told_.find(user);
      return found != told_.end() && found->second == counts;
    };
    absl::MutexLock lock(&mutex_);
    return mutex_.AwaitWithTimeout(absl::Condition(&is_told), kPatience);
  }

  const UserGate::LoopId id;

 private:
  absl::Mutex mutex_;
  absl::flat_hash_map<UserId, bool> told_ ABSL_GUARDED_BY(mutex_);
};

class VerifiedUsersTest : public ::testing::Test {
 protected:
  VerifiedUsersTest() {
    catalog_.Set({.name = kProduct, .verification = Verification{.endpoint_uri = "https://x/"}});
    users_ = std::make_unique<VerifiedUsers>(
        VerifiedUsers::Parts{catalog_, verifier_, metrics_, logger_, clock_, random_});
  }

  FakeCatalog catalog_;
  FakeVerifier verifier_;
  prometheus::Registry registry_;
  observability::GatewayMetrics metrics_{registry_};
  observability::Logger logger_{{.minimum = observability::LogLevel::kError}};
  runtime::RealClock clock_;
  runtime::SeededRandom random_{1};
  std::unique_ptr<VerifiedUsers> users_;
};

TEST_F(VerifiedUsersTest, OneQuestionServesAllLoops) {
  FakeLoopEnd a(*users_), b(*users_);
  users_->Hold(a.id, User(1), PresenceId("me"), false);
  users_->Hold(b.id, User(1), PresenceId("me"), false);
  EXPECT_EQ(verifier_.Answer(KnownVerdict{Verdict::kValid, absl::Seconds(300)}), "me");
  EXPECT_TRUE(a.AwaitTold(User(1), true));
  EXPECT_TRUE(b.AwaitTold(User(1), true));
  EXPECT_EQ(verifier_.asked(), 1);
  EXPECT_EQ(metrics_.verdicts(UserVerdict::kValid).Value(), 1);
}

TEST_F(VerifiedUsersTest, ALoopThatComesLaterIsToldAtOnce) {
  FakeLoopEnd a(*users_), b(*users_);
  users_->Hold(a.id, User(1), PresenceId("me"), false);
  verifier_.Answer(KnownVerdict{Verdict::kValid, absl::Seconds(300)});
  EXPECT_TRUE(a.AwaitTold(User(1), true));
  users_->Hold(b.id, User(1), PresenceId("me"), false);
  EXPECT_TRUE(b.AwaitTold(User(1), true));
  users_->Release(a.id, User(1));
  users_->Release(b.id, User(1));
  EXPECT_EQ(verifier_.asked(), 1);
}

TEST_F(VerifiedUsersTest, WhoCountedAndIsInvalidStopsToCount) {
  FakeLoopEnd a(*users_);
  users_->Hold(a.id, User(1), PresenceId("me"), true);
  EXPECT_EQ(verifier_.Answer(KnownVerdict{Verdict::kInvalid, absl::Seconds(60)}), "me");
  EXPECT_TRUE(a.AwaitTold(User(1), false));
}

TEST_F(VerifiedUsersTest, WithoutAnAnswerItIsAskedAgain) {
  FakeLoopEnd a(*users_);
  users_->Hold(a.id, User(1), PresenceId("me"), false);
  verifier_.Answer(absl::UnavailableError("away"));
  EXPECT_EQ(verifier_.Answer(KnownVerdict{Verdict::kValid, absl::Seconds(300)}), "me");
  EXPECT_TRUE(a.AwaitTold(User(1), true));
  EXPECT_EQ(metrics_.verdicts(UserVerdict::kNone).Value(), 1);
}

TEST_F(VerifiedUsersTest, EndsWithQuestionsUnderWay) {
  FakeLoopEnd a(*users_);
  for (uint64_t n = 0; n < 100; ++n) users_->Hold(a.id, User(n), PresenceId("me"), false);
  verifier_.Answer(KnownVerdict{Verdict::kValid, absl::Seconds(300)});
  users_.reset();
  catalog_.Set({.name = kProduct});
}

TEST(NoVerifierTest, SaysThatThereIsNone) {
  NoVerifierClient none;
  absl::Status answered;
  none.Verify({}, PresenceId("me"), [&](const auto& answer) { answered = answer.status(); });
  EXPECT_EQ(answered.code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace livecounter::gateway
