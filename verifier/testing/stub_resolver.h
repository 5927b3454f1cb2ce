// Names for tests: each host has a list of answers, given one after the other, the last for ever.

#ifndef LIVECOUNTER_VERIFIER_TESTING_STUB_RESOLVER_H_
#define LIVECOUNTER_VERIFIER_TESTING_STUB_RESOLVER_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "verifier/resolver.h"

namespace livecounter::verifier {

class StubResolver final : public Resolver {
 public:
  // Any text that is not an address is an answer that never comes.
  void Add(const std::string& host, const std::vector<std::string>& addresses) {
    absl::MutexLock lock(&mutex_);
    answers_[host].push_back(addresses);
  }

  void Resolve(const std::string& host, Done done) override {
    const absl::StatusOr<Addresses> answer = Next(host);
    if (answer.ok() && answer->empty()) return;
    done(answer);
  }

  int look_ups() const {
    absl::MutexLock lock(&mutex_);
    return look_ups_;
  }

 private:
  absl::StatusOr<Addresses> Next(const std::string& host) {
    absl::MutexLock lock(&mutex_);
    ++look_ups_;
    const auto found = answers_.find(host);
    if (found == answers_.end()) {
      return absl::NotFoundError(absl::StrCat("the host ", host, " cannot be found"));
    }
    std::vector<std::vector<std::string>>& answers = found->second;
    Addresses addresses;
    for (const std::string& text : answers.front()) {
      if (const auto address = runtime::IpAddress::Parse(text)) addresses.push_back(*address);
    }
    if (answers.size() > 1) answers.erase(answers.begin());
    return addresses;
  }

  mutable absl::Mutex mutex_;
  int look_ups_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<std::string, std::vector<std::vector<std::string>>> answers_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace livecounter::verifier

#endif  // LIVECOUNTER_VERIFIER_TESTING_STUB_RESOLVER_H_
