#include "verifier/probe_limits.h"

#include "absl/strings/str_cat.h"

namespace livecounter::verifier {
namespace {

constexpr absl::Duration kBetweenLoads = absl::Seconds(60);

}  // namespace

absl::Status ProbeLimits::Begin(const std::string& product, const std::string& host,
                                absl::Time now) {
  absl::MutexLock lock(&mutex_);
  absl::erase_if(last_load_,
                 [now](const auto& entry) { return entry.second + kBetweenLoads <= now; });
  if (products_.contains(product)) {
    return absl::ResourceExhaustedError(
        "a test of this product is under way; wait until it has ended");
  }
  if (const auto last = last_load_.find(product); last != last_load_.end()) {
    const absl::Duration wait = absl::Ceil(last->second + kBetweenLoads - now, absl::Seconds(1));
    return absl::ResourceExhaustedError(
        absl::StrCat("this product was tested less than a minute ago; try again in ",
                     absl::ToInt64Seconds(wait), " s"));
  }
  if (hosts_.contains(host)) {
    return absl::ResourceExhaustedError(
        absl::StrCat("another test runs against the host ", host, "; try again when it has ended"));
  }
  products_.insert(product);
  hosts_.insert(host);
  return absl::OkStatus();
}

void ProbeLimits::LoadStarts(const std::string& product, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  last_load_[product] = now;
}

void ProbeLimits::End(const std::string& product, const std::string& host) {
  absl::MutexLock lock(&mutex_);
  products_.erase(product);
  hosts_.erase(host);
}

}  // namespace livecounter::verifier
