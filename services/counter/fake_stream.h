// A ReplicaStream for unit tests: keeps what was done to it. What the peer does, the test tells the
// replica by itself.

#ifndef LIVECOUNTER_SERVICES_COUNTER_FAKE_STREAM_H_
#define LIVECOUNTER_SERVICES_COUNTER_FAKE_STREAM_H_

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/optional.h"
#include "core/session.h"
#include "services/counter/replica_stream.h"

namespace livecounter::counter {

class FakeStream final : public ReplicaStream {
 public:
  // What became of a stream; outlives it.
  struct Record {
    int reads = 0;
    int cancels = 0;
    std::vector<ReceiverFrame> written;
    absl::optional<absl::Status> finished;
  };

  explicit FakeStream(Record& record) : record_(record) {}

  void Read() override { ++record_.reads; }
  void Write(ReceiverFrame frame) override { record_.written.push_back(std::move(frame)); }
  void Finish(const absl::Status& status) override { record_.finished = status; }
  void Cancel() override { ++record_.cancels; }

 private:
  Record& record_;
};

}  // namespace livecounter::counter

#endif  // LIVECOUNTER_SERVICES_COUNTER_FAKE_STREAM_H_
