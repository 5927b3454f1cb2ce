#include "verifier/system_resolver.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::verifier {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

TEST(SystemResolverTest, FindsWhatThisMachineKnows) {
  SystemResolver resolver(/*threads=*/2);
  absl::StatusOr<Addresses> found;
  absl::Notification done;
  resolver.Resolve("localhost", [&](const absl::StatusOr<Addresses>& addresses) {
    found = addresses;
    done.Notify();
  });
  done.WaitForNotification();
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_TRUE(found->front().ToString() == "127.0.0.1" || found->front().ToString() == "::1");
}

TEST(SystemResolverTest, ANameThatIsNoneIsAnErrorThatNamesIt) {
  SystemResolver resolver(/*threads=*/1);
  absl::Status error;
  absl::Notification done;
  resolver.Resolve("no..name", [&](const absl::StatusOr<Addresses>& addresses) {
    error = addresses.status();
    done.Notify();
  });
  done.WaitForNotification();
  EXPECT_EQ(error.code(), absl::StatusCode::kNotFound);
  EXPECT_NE(error.message().find("no..name"), absl::string_view::npos) << error;
}

// Name servers of a test: a host whose name begins with "slow" is not found before it is told so. Any
// thread.
class Names {
 public:
  absl::StatusOr<Addresses> LookUp(const std::string& host) {
    absl::MutexLock lock(&mutex_);
    asked_.push_back(host);
    most_at_once_ = std::max(most_at_once_, ++under_way_);
    const auto may_answer = [this, &host]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return !absl::StartsWith(host, "slow") || all_answer_ || answering_.contains(host);
    };
    mutex_.Await(absl::Condition(&may_answer));
    --under_way_;
    return Addresses{runtime::IpAddress::Parse("192.0.2.1").value()};
  }

  void Answer(const std::string& host) {
    absl::MutexLock lock(&mutex_);
    answering_.insert(host);
  }
  void AnswerAll() {
    absl::MutexLock lock(&mutex_);
    all_answer_ = true;
  }

  // Waits until so many were asked for, and returns which, in order.
  std::vector<std::string> AwaitAsked(size_t count) {
    const auto were_asked = [this, count]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return asked_.size() >= count;
    };
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&were_asked));
    return asked_;
  }
  int most_at_once() const {
    absl::MutexLock lock(&mutex_);
    return most_at_once_;
  }

 private:
  mutable absl::Mutex mutex_;
  std::vector<std::string> asked_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_set<std::string> answering_ ABSL_GUARDED_BY(mutex_);
  bool all_answer_ ABSL_GUARDED_BY(mutex_) = false;
  int under_way_ ABSL_GUARDED_BY(mutex_) = 0;
  int most_at_once_ ABSL_GUARDED_BY(mutex_) = 0;
};

// What callers were told, as it came: "a OK".
class Heard {
 public:
  Resolver::Done For(const std::string& host) {
    return [this, host](const absl::StatusOr<Addresses>& addresses) {
      absl::MutexLock lock(&mutex_);
      heard_.push_back(
          absl::StrCat(host, " ", absl::StatusCodeToString(addresses.status().code())));
    };
  }
  std::vector<std::string> Await(size_t count) {
    const auto came = [this, count]()
                          ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return heard_.size() >= count; };
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&came));
    return heard_;
  }

 private:
  absl::Mutex mutex_;
  std::vector<std::string> heard_ ABSL_GUARDED_BY(mutex_);
};

class LookUpThreadsTest : public testing::Test {
 protected:
  // Threads that wait for a name server outlive the resolver, but not the test.
  ~LookUpThreadsTest() override {
    names_.AnswerAll();
    resolver_.reset();
    ended_.WaitForNotification();
  }

  void Start(int threads) {
    // Let go of by the last thread.
    std::shared_ptr<void> held(nullptr, [this](void*) { ended_.Notify(); });
    resolver_ = std::make_unique<SystemResolver>(
        threads, [this, held](const std::string& host) { return names_.LookUp(host); });
  }
  void Want(const std::string& host) { resolver_->Resolve(host, heard_.For(host)); }

  Names names_;
  Heard heard_;
  absl::Notification ended_;  // all threads are
  std::unique_ptr<SystemResolver> resolver_;
};

TEST_F(LookUpThreadsTest, AreAsManyAsWasSaid) {
  Start(/*threads=*/3);
  for (int i = 0; i < 50; ++i) Want(absl::StrCat("slow", i));
  names_.AwaitAsked(3);
  names_.AnswerAll();
  EXPECT_EQ(heard_.Await(50).size(), 50u);
  EXPECT_EQ(names_.most_at_once(), 3);
}

TEST_F(LookUpThreadsTest, OneThatHangsDoesNotHoldTheOthers) {
  Start(/*threads=*/2);
  Want("slow");
  for (const char* host : {"a", "b", "c"}) Want(host);
  EXPECT_THAT(heard_.Await(3), ElementsAre("a OK", "b OK", "c OK"));
  names_.Answer("slow");
  EXPECT_EQ(heard_.Await(4).back(), "slow OK");
}

TEST_F(LookUpThreadsTest, WhereAllHangAThousandWaitAndMoreAreRefusedAtOnce) {
  Start(/*threads=*/1);
  Want("slow");
  names_.AwaitAsked(1);
  for (int i = 0; i < 1'000; ++i) Want("waits");
  Want("refused");
  EXPECT_THAT(heard_.Await(1), ElementsAre("refused RESOURCE_EXHAUSTED"));
  names_.Answer("slow");
  EXPECT_EQ(heard_.Await(1'002).back(), "waits OK");
}

TEST_F(LookUpThreadsTest, TheEndWaitsForNoLookUpAndNobodyHearsOfOneAfterIt) {
  Start(/*threads=*/2);
  Want("slow1");
  Want("slow2");
  Want("waits");
  names_.AwaitAsked(2);
  resolver_.reset();
  names_.AnswerAll();
  ended_.WaitForNotification();
  EXPECT_THAT(heard_.Await(0), ElementsAre());
  EXPECT_THAT(names_.AwaitAsked(2), UnorderedElementsAre("slow1", "slow2"))
      << "what waited is not looked up any more";
}

}  // namespace
}  // namespace livecounter::verifier
