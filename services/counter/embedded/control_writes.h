// Every write that is not a hit: counters made, set and deleted, epochs, sessions, probes.

#ifndef LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_CONTROL_WRITES_H_
#define LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_CONTROL_WRITES_H_

#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "core/ids.h"
#include "services/counter/embedded/write.h"
#include "services/counter/engine.h"

namespace livecounter::counter::embedded {

// A counter that is made.
class CreateWrite final : public Write {
 public:
  // `max_live_keys` as KeyedHitWrite. The callback gets the counter as it is then.
  CreateWrite(NewCounter wanted, int64_t max_live_keys, absl::Time accepted_at,
              CounterEngine::Callback<Change> done)
      : wanted_(std::move(wanted)),
        max_live_keys_(max_live_keys),
        accepted_at_(accepted_at),
        done_(std::move(done)) {}

  bool Decide(Transaction& transaction) override;
  void Succeed(Counters& counters) override;
  void Fail(const absl::Status& status) override { done_(status); }

 private:
  absl::Status DecideCreate(Transaction& transaction);
  // OK for the first time too.
  absl::Status DecideRepeat(Transaction& transaction, bool exists);
  absl::Status KeepRequest(Transaction& transaction) const;

  const NewCounter wanted_;
  const int64_t max_live_keys_;
  const absl::Time accepted_at_;
  const CounterEngine::Callback<Change> done_;
  absl::Status decision_;
  bool is_repeat_ = false;
};

// A counter's total put to a value, whatever it was.
class TotalWrite final : public Write {
 public:
  enum class Kind { kSet, kDelete };

  // `hits` is nothing for kDelete. The callback gets the counter as it is then.
  TotalWrite(Kind kind, CounterId counter, absl::optional<int64_t> hits, absl::Time accepted_at,
             CounterEngine::Callback<Change> done)
      : kind_(kind),
        counter_(std::move(counter)),
        hits_(hits),
        accepted_at_(accepted_at),
        done_(std::move(done)) {}

  bool Decide(Transaction& transaction) override;
  void Succeed(Counters& counters) override;
  void Fail(const absl::Status& status) override { done_(status); }

 private:
  absl::Status DecideTotal(Transaction& transaction);

  const Kind kind_;
  const CounterId counter_;
  const absl::optional<int64_t> hits_;
  const absl::Time accepted_at_;
  const CounterEngine::Callback<Change> done_;
  absl::Status decision_;
};

class EpochWrite final : public Write {
 public:
  // Precondition: `seen` is not the highest number there is.
  EpochWrite(uint64_t seen, CounterEngine::Callback<uint64_t> done)
      : seen_(seen), done_(std::move(done)) {}

  bool Decide(Transaction& transaction) override;
  void Succeed(Counters& counters) override { done_(counters.epoch()); }
  void Fail(const absl::Status& status) override { done_(status); }

 private:
  const uint64_t seen_;
  const CounterEngine::Callback<uint64_t> done_;
};

class SessionWrite final : public Write {
 public:
  enum class Kind { kRecord, kForget };

  SessionWrite(Kind kind, HolderId holder, CounterEngine::StatusCallback done)
      : kind_(kind), holder_(holder), done_(std::move(done)) {}

  bool Decide(Transaction& transaction) override;
  void Succeed(Counters&) override { done_(absl::OkStatus()); }
  void Fail(const absl::Status& status) override { done_(status); }

 private:
  const Kind kind_;
  const HolderId holder_;
  const CounterEngine::StatusCallback done_;
};

// Writes a record that nobody reads.
class ProbeWrite final : public Write {
 public:
  explicit ProbeWrite(CounterEngine::StatusCallback done) : done_(std::move(done)) {}

  bool Decide(Transaction& transaction) override;
  void Succeed(Counters&) override { done_(absl::OkStatus()); }
  void Fail(const absl::Status& status) override { done_(status); }

 private:
  const CounterEngine::StatusCallback done_;
};

}  // namespace livecounter::counter::embedded

#endif  // LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_CONTROL_WRITES_H_
