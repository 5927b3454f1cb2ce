// What the tests of the replica share: a replica over a fake engine and fake streams, on the test's own
// thread and clock.

#ifndef LIVECOUNTER_SERVICES_COUNTER_REPLICA_FIXTURE_H_
#define LIVECOUNTER_SERVICES_COUNTER_REPLICA_FIXTURE_H_

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "gtest/gtest.h"
#include "prometheus/registry.h"
#include "services/counter/fake_engine.h"
#include "services/counter/fake_stream.h"
#include "services/counter/replica.h"

namespace livecounter::counter {

inline const CounterId kCounter{"accounts/a/products/p", "2"};
inline constexpr HolderId kHolder{7, 7};
inline constexpr HolderId kOtherHolder{8, 8};

inline HolderFrame HelloFrame(HolderId holder, uint64_t stream = 1, uint64_t highest_epoch = 0) {
  HolderFrame frame;
  frame.hello = Hello{holder, stream, highest_epoch};
  return frame;
}

// A whole resend in one frame: these hashes on kCounter, watched with this floor.
inline HolderFrame ResendFrame(const std::vector<PresenceHash>& held,
                               absl::optional<int64_t> floor = {}) {
  HolderFrame frame;
  frame.resend_begin = true;
  frame.watch = {{kCounter, floor}};
  if (!held.empty()) frame.presence = {{kCounter, held, {}}};
  frame.resend_end = true;
  return frame;
}

inline HolderFrame HitFrame(uint64_t number, int64_t count = 1) {
  HolderFrame frame;
  frame.hits = {{{1, 1}, kCounter, number, count, /*create=*/true}};
  return frame;
}

class ReplicaTest : public ::testing::Test {
 protected:
  ~ReplicaTest() override {
    if (replica_ == nullptr) return;
    replica_->CheckInvariants();
    for (const auto& [id, record] : records_) replica_->OnClosed(id);
    Run();
  }

  // Made late, so that a test can prepare the engine.
  Replica& replica() {
    if (replica_ == nullptr) {
      replica_ = std::make_unique<Replica>(
          options_, engine_, [this](auto task) { tasks_.push_back(std::move(task)); }, clock_,
          logger_, metrics_);
      Run();
    }
    return *replica_;
  }

  // The loop: all that was posted, and a turn.
  void Run() {
    while (!tasks_.empty()) {
      auto task = std::move(tasks_.front());
      tasks_.pop_front();
      task();
    }
    replica().Turn(clock_.Now());
  }
  void Advance(absl::Duration step) {
    for (absl::Duration left = step; left > absl::ZeroDuration(); left -= absl::Milliseconds(250)) {
      clock_.Advance(std::min(left, absl::Milliseconds(250)));
      Run();
    }
  }

  // A stream, open and nothing more.
  StreamId Open() {
    const StreamId id = ++last_id_;
    replica().OpenSession(id, std::make_unique<FakeStream>(records_[id]));
    Run();
    return id;
  }
  // A stream that said hello.
  StreamId Attach(HolderId holder, uint64_t stream = 1, uint64_t highest_epoch = 0) {
    const StreamId id = Open();
    Send(id, HelloFrame(holder, stream, highest_epoch));
    return id;
  }
  void Send(StreamId id, HolderFrame frame) {
    replica().OnFrame(id, std::move(frame));
    Run();
    FinishWrites(id);
  }
  // The peer takes all that is written to it.
  void FinishWrites(StreamId id) {
    for (size_t& done = done_[id]; done < records_[id].written.size(); ++done) {
      replica().OnWritten(id);
      Run();
    }
  }
  StreamId OpenWatch(const std::vector<CounterId>& counters) {
    const StreamId id = ++last_id_;
    replica().OpenWatch(id, std::make_unique<FakeStream>(records_[id]), counters);
    Run();
    FinishWrites(id);
    return id;
  }

  // All presence values of kCounter written to the stream so far.
  std::vector<int64_t> Presents(StreamId id) {
    FinishWrites(id);
    std::vector<int64_t> presents;
    for (const ReceiverFrame& frame : records_[id].written) {
      for (const Change& change : frame.changes) presents.push_back(change.present);
    }
    return presents;
  }
  std::vector<HitAnswer> Answers(StreamId id) {
    FinishWrites(id);
    std::vector<HitAnswer> answers;
    for (const ReceiverFrame& frame : records_[id].written) {
      answers.insert(answers.end(), frame.hit_answers.begin(), frame.hit_answers.end());
    }
    return answers;
  }

  Replica::Options options_;
  FakeEngine engine_;
  runtime::FakeClock clock_;
  observability::Logger logger_{{.sink = [](absl::string_view) {}}};
  prometheus::Registry registry_;
  observability::CounterdMetrics metrics_{registry_};
  std::deque<absl::AnyInvocable<void()>> tasks_;
  std::map<StreamId, FakeStream::Record> records_;
  std::map<StreamId, size_t> done_;
  StreamId last_id_ = 0;
  std::unique_ptr<Replica> replica_;
};

}  // namespace livecounter::counter

#endif  // LIVECOUNTER_SERVICES_COUNTER_REPLICA_FIXTURE_H_
