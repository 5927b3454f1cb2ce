#include "services/runtime/health.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace livecounter::runtime {

Health::Health(const std::vector<std::string>& parts) {
  for (const std::string& part : parts) parts_[part] = absl::UnavailableError("starting");
  told_ = {alive_.ok(), ReadyLocked().ok()};
}

absl::Status Health::ready() const {
  absl::MutexLock lock(&mutex_);
  return ReadyLocked();
}

absl::Status Health::alive() const {
  absl::MutexLock lock(&mutex_);
  return alive_;
}

void Health::SetReady(absl::string_view part, const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  parts_[std::string(part)] = status;
  TellLocked();
}

void Health::SetAlive(const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  alive_ = status;
  TellLocked();
}

void Health::BeginDrain() {
  absl::MutexLock lock(&mutex_);
  draining_ = true;
  TellLocked();
}

void Health::Listen(Listener listener) {
  absl::MutexLock lock(&mutex_);
  listener(alive_.ok(), ReadyLocked().ok());
  listeners_.push_back(std::move(listener));
}

absl::Status Health::ReadyLocked() const {
  std::vector<std::string> reasons;
  if (draining_) reasons.push_back("draining");
  for (const auto& [part, status] : parts_) {
    if (!status.ok()) reasons.push_back(absl::StrCat(part, ": ", status.message()));
  }
  if (reasons.empty()) return absl::OkStatus();
  return absl::UnavailableError(absl::StrJoin(reasons, "; "));
}

void Health::TellLocked() {
  const std::pair<bool, bool> now = {alive_.ok(), ReadyLocked().ok()};
  if (std::exchange(told_, now) == now) return;
  for (const Listener& listener : listeners_) listener(now.first, now.second);
}

}  // namespace livecounter::runtime
