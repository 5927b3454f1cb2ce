#include "verifier/system_resolver.h"

#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <sys/socket.h>

#include <algorithm>
#include <deque>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"

namespace livecounter::verifier {
namespace {

constexpr size_t kMaxWaiting = 1'000;
// Of one question to a name server, and how often it is asked. A call has 3 s in all.
constexpr int kPatienceSeconds = 1;
constexpr int kAttempts = 2;

// Of this thread, in place of libc's 5 s.
void LimitPatience() {
  res_init();
  _res.retrans = kPatienceSeconds;
  _res.retry = kAttempts;
}

}  // namespace

absl::StatusOr<Addresses> SystemResolver::AskThisMachine(const std::string& host) {
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (error != 0) {
    return absl::NotFoundError(
        absl::StrCat("the host ", host, " cannot be found: ", gai_strerror(error)));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(found, &freeaddrinfo);
  Addresses addresses;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    const auto address = runtime::IpAddress::FromSocketAddress(*each->ai_addr);
    if (address) addresses.push_back(*address);
  }
  if (addresses.empty()) {
    return absl::NotFoundError(absl::StrCat("the host ", host, " has no address"));
  }
  return addresses;
}

struct SystemResolver::State {
  struct Wanted {
    std::string host;
    Done done;
  };

  explicit State(LookUp look_up) : look_up(std::move(look_up)) {}

  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) { return closed || !waiting.empty(); }

  const LookUp look_up;
  absl::Mutex mutex;
  std::deque<Wanted> waiting ABSL_GUARDED_BY(mutex);
  bool closed ABSL_GUARDED_BY(mutex) = false;
  // Held while `done` is called, so that the destructor can wait for the ones under way.
  absl::Mutex calling;
  bool silent ABSL_GUARDED_BY(calling) = false;
};

SystemResolver::SystemResolver(int threads, LookUp look_up)
    : state_(std::make_shared<State>(std::move(look_up))) {
  for (int i = 0; i < threads; ++i) std::thread([state = state_] { Run(state); }).detach();
}

SystemResolver::~SystemResolver() {
  {
    absl::MutexLock lock(&state_->mutex);
    state_->closed = true;
    state_->waiting.clear();
  }
  absl::MutexLock lock(&state_->calling);
  state_->silent = true;
}

void SystemResolver::Resolve(const std::string& host, Done done) {
  {
    absl::MutexLock lock(&state_->mutex);
    if (state_->waiting.size() < kMaxWaiting) {
      state_->waiting.push_back({host, std::move(done)});
      return;
    }
  }
  done(absl::ResourceExhaustedError("too many hosts are being looked up; try again"));
}

void SystemResolver::Run(const std::shared_ptr<State>& state) {
  LimitPatience();
  while (true) {
    State::Wanted wanted;
    {
      absl::MutexLock lock(&state->mutex);
      state->mutex.Await(absl::Condition(state.get(), &State::HasWork));
      if (state->closed) return;
      wanted = std::move(state->waiting.front());
      state->waiting.pop_front();
    }
    const absl::StatusOr<Addresses> addresses = state->look_up(wanted.host);
    absl::MutexLock lock(&state->calling);
    if (!state->silent) wanted.done(addresses);
  }
}

}  // namespace livecounter::verifier
