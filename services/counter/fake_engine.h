// A CounterEngine for unit tests: all in memory, on one thread, with core's rules. Answers come at once,
// or, while `hold` is set, when Release() is called.

#ifndef LIVECOUNTER_SERVICES_COUNTER_FAKE_ENGINE_H_
#define LIVECOUNTER_SERVICES_COUNTER_FAKE_ENGINE_H_

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/counter_table.h"
#include "core/hits.h"
#include "services/counter/engine.h"
#include "services/counter/fake_record_store.h"
#include "services/runtime/clock.h"

namespace livecounter::counter {

// Not thread-safe.
class FakeEngine final : public CounterEngine {
 public:
  explicit FakeEngine(uint64_t epoch = 1) : table_(epoch) {}

  // --- For the test. ---

  bool hold = false;
  // Changes are on their way until ReleaseChanges().
  bool hold_changes = false;
  // Refuses every write with this.
  absl::Status refuse_writes;
  absl::Status probe;
  std::vector<HolderId> sessions_at_open;
  std::set<HolderId> recorded;  // sessions
  std::set<CounterId> watched;
  std::vector<HitBatch> batches;  // all that came, in their order
  int recoveries_ended = 0;
  int watch_calls = 0;
  // Counted usage, by product and hour.
  std::map<std::pair<std::string, int64_t>, int64_t> usage;
  std::vector<std::string> deleted_products;
  const ProductDirectory* products = nullptr;  // as SetProducts() said
  // What ReadHistory() answers, of what begins in the time that it asks for.
  std::map<CounterId, std::vector<HistoryValue>> history;
  // What Backup() does.
  std::function<absl::Status(const std::string& directory)> backup = [](const std::string&) {
    return absl::UnimplementedError("this test backs up nothing");
  };
  // Of the records' expiry.
  runtime::FakeClock clock;
  FakeRecordStore records{clock};

  // Gives the answers that were held, and holds no more.
  void Release();
  // Tells the changes that were held, and holds no more.
  void ReleaseChanges();
  void ForgetSenders() { senders_.clear(); }
  Change Value(const CounterId& counter) { return Loaded(counter).Read(counter); }

  // --- CounterEngine. ---

  uint64_t Epoch() const override { return table_.epoch(); }
  void RaiseEpochAbove(uint64_t seen, Callback<uint64_t> done) override;
  void Hit(HitBatch batch, Callback<HitResult> done) override;
  void HitOnce(KeyedHit hit, Callback<HitResult> done) override;
  void SetProducts(const ProductDirectory& directory) override { products = &directory; }
  // A request id is not kept.
  void Create(NewCounter wanted, Callback<Change> done) override;
  void SetHits(CounterId counter, int64_t hits, Callback<Change> done) override;
  void Delete(CounterId counter, StatusCallback done) override;
  void Read(CounterId counter, Callback<Change> done) override;
  void List(std::string product, int page_size, std::string page_token,
            Callback<CounterPage> done) override;
  void ReadHistory(CounterId counter, HistoryResolution resolution, absl::Time from, absl::Time to,
                   Callback<std::vector<HistoryValue>> done) override;
  void DeleteProduct(std::string product, StatusCallback done) override;
  void AddUsage(HolderId holder, UsageBatch batch, StatusCallback done) override;
  void ReadUsage(UsageQuery query, Callback<std::vector<UsageEntry>> done) override;
  void UpdatePresence(std::vector<PresenceDelta> deltas) override;
  void RaiseFloor(CounterId counter, int64_t floor) override;
  void EndRecovery() override;
  void SetChangeSink(ChangeSink sink) override { sink_ = std::move(sink); }
  void Watch(CounterId counter) override;
  void Unwatch(CounterId counter) override { watched.erase(counter); }
  void RecordSession(HolderId holder, StatusCallback done) override;
  void ForgetSession(HolderId holder) override { recorded.erase(holder); }
  std::vector<HolderId> SessionsAtOpen() const override { return sessions_at_open; }
  RecordStore& Records() override { return records; }
  void Probe(StatusCallback done) override;
  void Backup(std::string directory, StatusCallback done) override;
  void Close() override {}

 private:
  CounterTable& Loaded(const CounterId& counter);
  void Publish(const absl::optional<Change>& change);
  void Answer(std::function<void()> answer);

  CounterTable table_;
  ChangeSink sink_ = [](const std::vector<Change>&) {};
  std::map<std::pair<SenderId, CounterId>, SenderRecord> senders_;
  std::map<std::pair<CounterId, std::string>, KeyRecord> keys_;
  std::map<HolderId, uint64_t> usage_numbers_;
  std::vector<std::function<void()>> held_;
  std::vector<Change> held_changes_;
};

}  // namespace livecounter::counter

#endif  // LIVECOUNTER_SERVICES_COUNTER_FAKE_ENGINE_H_
