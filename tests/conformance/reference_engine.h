// The oracle of the conformance suite: what an engine should answer, by the rules of core/ and maps in
// memory. Times are those of the harness' clock.

#ifndef LIVECOUNTER_TESTS_CONFORMANCE_REFERENCE_ENGINE_H_
#define LIVECOUNTER_TESTS_CONFORMANCE_REFERENCE_ENGINE_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "core/counter_table.h"
#include "core/hits.h"
#include "core/ids.h"
#include "core/share.h"

namespace livecounter::counter {

// Both numbers of a counter.
struct Numbers {
  absl::optional<int64_t> hits;
  int64_t present = 0;

  friend bool operator==(const Numbers&, const Numbers&) = default;
};

class ReferenceEngine {
 public:
  explicit ReferenceEngine(int64_t max_live_keys) : max_live_keys_(max_live_keys) {}

  absl::StatusOr<int64_t> Hit(const HitBatch& batch, absl::Time now);
  absl::StatusOr<int64_t> HitOnce(const KeyedHit& hit, absl::Time now);
  absl::Status Create(const CounterId& counter, int64_t hits);
  absl::Status SetHits(const CounterId& counter, int64_t hits);
  absl::Status Delete(const CounterId& counter);
  Numbers Read(const CounterId& counter);
  // All counters of a product that are to be listed, in order.
  std::vector<std::string> List(const std::string& product);

  void UpdatePresence(const PresenceDelta& delta);
  void RaiseFloor(const CounterId& counter, int64_t floor);
  void EndRecovery();
  void RecordSession(HolderId holder) { durable_.sessions.insert(holder); }
  void ForgetSession(HolderId holder) { durable_.sessions.erase(holder); }

  // What outlives the process; a backup is a copy of it.
  struct Durable {
    std::map<CounterId, int64_t> hits;
    std::map<std::pair<CounterId, SenderId>, std::pair<SenderRecord, absl::Time>> senders;
    std::map<std::pair<CounterId, std::string>, KeyRecord> keys;
    std::set<HolderId> sessions;
  };
  const Durable& durable() const { return durable_; }
  // A new process on the store, or on a copy of it.
  void Restart() { Restart(durable_); }
  void Restart(Durable durable);

 private:
  absl::optional<int64_t> Total(const CounterId& counter) const;
  void SetTotal(const CounterId& counter, absl::optional<int64_t> hits);
  void Load(const CounterId& counter);
  int64_t LiveKeys(const std::string& product, absl::Time now) const;

  const int64_t max_live_keys_;
  Durable durable_;
  CounterTable visible_{1};
  bool recovering_ = true;
};

}  // namespace livecounter::counter

#endif  // LIVECOUNTER_TESTS_CONFORMANCE_REFERENCE_ENGINE_H_
