// CounterEngine for tests that wait: each call returns what its callback got.

#ifndef LIVECOUNTER_TESTS_CONFORMANCE_BLOCKING_ENGINE_H_
#define LIVECOUNTER_TESTS_CONFORMANCE_BLOCKING_ENGINE_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/synchronization/notification.h"
#include "services/counter/engine.h"

namespace livecounter::counter {

// What a callback will get; copies share it. Wait() at most once.
template <typename Result>
class Answer {
 public:
  std::function<void(Result)> Callback() const {
    return [state = state_](Result result) {
      state->result = std::move(result);
      state->arrived.Notify();  // dies when it comes twice
    };
  }
  Result Wait() const {
    state_->arrived.WaitForNotification();
    return std::move(state_->result);
  }
  bool arrived() const { return state_->arrived.HasBeenNotified(); }

 private:
  struct State {
    Result result;
    absl::Notification arrived;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

// As thread-safe as the engine, which outlives it.
class BlockingEngine {
 public:
  explicit BlockingEngine(CounterEngine& engine) : engine_(engine) {}

  absl::StatusOr<uint64_t> RaiseEpochAbove(uint64_t seen) {
    Answer<absl::StatusOr<uint64_t>> answer;
    engine_.RaiseEpochAbove(seen, answer.Callback());
    return answer.Wait();
  }
  absl::StatusOr<HitResult> Hit(HitBatch batch) {
    Answer<absl::StatusOr<HitResult>> answer;
    engine_.Hit(std::move(batch), answer.Callback());
    return answer.Wait();
  }
  absl::StatusOr<HitResult> HitOnce(KeyedHit hit) {
    Answer<absl::StatusOr<HitResult>> answer;
    engine_.HitOnce(std::move(hit), answer.Callback());
    return answer.Wait();
  }
  absl::StatusOr<Change> Create(NewCounter wanted) {
    Answer<absl::StatusOr<Change>> answer;
    engine_.Create(std::move(wanted), answer.Callback());
    return answer.Wait();
  }
  absl::StatusOr<Change> Create(CounterId counter, int64_t hits) {
    return Create(NewCounter{std::move(counter), hits});
  }
  absl::StatusOr<Change> SetHits(CounterId counter, int64_t hits) {
    Answer<absl::StatusOr<Change>> answer;
    engine_.SetHits(std::move(counter), hits, answer.Callback());
    return answer.Wait();
  }
  absl::Status Delete(CounterId counter) {
    Answer<absl::Status> answer;
    engine_.Delete(std::move(counter), answer.Callback());
    return answer.Wait();
  }
  absl::StatusOr<Change> Read(CounterId counter) {
    Answer<absl::StatusOr<Change>> answer;
    engine_.Read(std::move(counter), answer.Callback());
    return answer.Wait();
  }
  absl::StatusOr<CounterPage> List(std::string product, int page_size, std::string page_token) {
    Answer<absl::StatusOr<CounterPage>> answer;
    engine_.List(std::move(product), page_size, std::move(page_token), answer.Callback());
    return answer.Wait();
  }
  absl::Status RecordSession(HolderId holder) {
    Answer<absl::Status> answer;
    engine_.RecordSession(holder, answer.Callback());
    return answer.Wait();
  }
  absl::Status Probe() {
    Answer<absl::Status> answer;
    engine_.Probe(answer.Callback());
    return answer.Wait();
  }
  absl::Status Backup(std::string directory) {
    Answer<absl::Status> answer;
    engine_.Backup(std::move(directory), answer.Callback());
    return answer.Wait();
  }

 private:
  CounterEngine& engine_;
};

}  // namespace livecounter::counter

#endif  // LIVECOUNTER_TESTS_CONFORMANCE_BLOCKING_ENGINE_H_
