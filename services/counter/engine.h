// SEAM: the store of counters, one for the whole deployment. Embedded (memory over RocksDB) or, for
// many replicas, Redis Cluster; callers cannot tell which. tests/conformance holds every engine to
// this contract, with core/ as the oracle.
//
// Threads: every method may be called from any thread. Callbacks run once each, on any thread,
// maybe before the call returns; they must not block. After Close() nothing is accepted
// (FAILED_PRECONDITION) and every callback has run.
//
// Errors, beside those each method names: UNAVAILABLE when the store cannot make a write durable
// now (a full disk: the message says so and what to do; reads go on); INVALID_ARGUMENT for ids that
// are not of their form. A refused write changes nothing that can be read.

#ifndef LIVECOUNTER_SERVICES_COUNTER_ENGINE_H_
#define LIVECOUNTER_SERVICES_COUNTER_ENGINE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "core/change.h"
#include "core/history.h"
#include "core/hits.h"
#include "core/ids.h"
#include "core/share.h"
#include "core/usage.h"
#include "services/counter/product_directory.h"
#include "services/counter/record_store.h"

namespace livecounter::counter {

// What a hit did: its batch's last value, durable, and the version at which it can be read.
struct HitResult {
  int64_t value_after = 0;
  Version version;

  friend bool operator==(const HitResult&, const HitResult&) = default;
};

// A hit counter to be made.
struct NewCounter {
  CounterId counter;
  int64_t hits = 0;             // its start, ≥ 0
  std::string request_id = {};  // of a request that names itself, 1–255 bytes; "": it does not
  bool validate_only = false;   // all is decided, and nothing made
};

struct CounterPage {
  std::vector<Change>
      counters;  // in byte order of their ids; fewer than asked for where they are large
  std::string next_page_token;  // empty: no more. Opaque, stays good while counters come and go
};

// Which usage to read.
struct UsageQuery {
  // `accounts/{account}`, `accounts/{account}/products/{product}`, or `accounts/-` for all accounts.
  std::string name;
  // Hours that begin at `from` or later and before `to`, in seconds since 1970.
  int64_t from = 0;
  int64_t to = 0;
  // What comes after this hour of this product, one of those that `name` means; "": from the begin.
  std::string after_product = {};
  int64_t after_hour = 0;
  // At most so many entries.
  size_t limit = std::numeric_limits<size_t>::max();
};

class CounterEngine {
 public:
  template <typename T>
  using Callback = std::function<void(absl::StatusOr<T>)>;
  using StatusCallback = std::function<void(absl::Status)>;
  // Gets every change of every watched counter, per counter in the order of their versions; may
  // skip versions that a newer one overtook. Called from any thread; must be quick.
  using ChangeSink = std::function<void(std::vector<Change>)>;

  virtual ~CounterEngine() = default;

  // --- Epoch (design §3). ---

  // The current life of the store; higher than that of any earlier open.
  virtual uint64_t Epoch() const = 0;
  // Starts a life higher than `seen`, durably, if this one is not already; changes of what is
  // watched follow under the new epoch. The callback gets the epoch in force.
  virtual void RaiseEpochAbove(uint64_t seen, Callback<uint64_t> done) = 0;

  // --- Hits (design §2): atomic with their record, durable when the callback gets OK. ---

  // Errors of core/hits.h, DecideHits(), and NOT_FOUND where the product is another by now than the hits were
  // made at (HitBatch::product_life). Batches of one sender and counter apply in the order of the calls.
  virtual void Hit(HitBatch batch, Callback<HitResult> done) = 0;
  // Errors of core/hits.h, DecideKeyedHit(), and NOT_FOUND as for Hit().
  virtual void HitOnce(KeyedHit hit, Callback<HitResult> done) = 0;

  // --- Counters. ---

  // Only products that are there (product_directory.h) get counters by hits and Create(), and history: what
  // comes late brings nothing of a deleted product back. At once, for all that is decided from here on;
  // before the first call any product is there. It outlives the engine's Close().
  virtual void SetProducts(const ProductDirectory& products) = 0;

  // ALREADY_EXISTS where the hit counter exists; NOT_FOUND where the product does not. A repeated request
  // id, kept as those of KeyedHit and counted with them, makes nothing: it gets the counter as it is now,
  // NOT_FOUND where that was deleted, INVALID_ARGUMENT with other `hits`. INVALID_ARGUMENT also for what is
  // not of its form.
  virtual void Create(NewCounter wanted, Callback<Change> done) = 0;
  // NOT_FOUND where it does not exist. Sender and key records stay: a repeat still counts nothing.
  virtual void SetHits(CounterId counter, int64_t hits, Callback<Change> done) = 0;
  // Removes the hit counter with its history; presence is untouched. NOT_FOUND where it does not exist.
  virtual void Delete(CounterId counter, StatusCallback done) = 0;
  // The current value; `hits` is nothing for a counter never created.
  virtual void Read(CounterId counter, Callback<Change> done) = 0;
  // Counters of one product that exist, have somebody present, or have history. 1 ≤ page_size ≤ 1,000.
  // INVALID_ARGUMENT for a token that did not come from here.
  virtual void List(std::string product, int page_size, std::string page_token,
                    Callback<CounterPage> done) = 0;

  // Removes a product's hit counters, the keys of their hits (a later product of the name may use them anew) and
  // all history. Presence is untouched, and so are sender records; usage stays, for it is to be paid. OK where
  // there is nothing. One that fails may have removed some; repeat it.
  virtual void DeleteProduct(std::string product, StatusCallback done) = 0;

  // --- History (contract §5; core/history.h). ---

  // The points of a counter that begin before `to` and end after `from`, in order, with the one that is
  // open; a point that does not show the presence at its end is followed by one that does. What was not
  // stored yet when the process was killed, a minute at most, is missing. Empty where there is none.
  virtual void ReadHistory(CounterId counter, HistoryResolution resolution, absl::Time from,
                           absl::Time to, Callback<std::vector<HistoryValue>> done) = 0;

  // --- Usage (contract §5): connections accepted, of a product in an hour. ---

  // Counts a holder's batch, once (core/usage_log.h, UsageCounts()): OK too for a repeat. Durable when
  // the callback gets OK.
  virtual void AddUsage(HolderId holder, UsageBatch batch, StatusCallback done) = 0;
  // The totals, in byte order of the products and then of time.
  virtual void ReadUsage(UsageQuery query, Callback<std::vector<UsageEntry>> done) = 0;

  // --- Presence of this replica, one holder among many (design §1). ---

  // Edges of the replica's union, applied in the order of the calls; idempotent.
  virtual void UpdatePresence(std::vector<PresenceDelta> deltas) = 0;
  // While recovering, publish no presence below `floor`; EndRecovery() ends that, once and for all.
  virtual void RaiseFloor(CounterId counter, int64_t floor) = 0;
  virtual void EndRecovery() = 0;

  // --- Watching. ---

  // Where changes go; set once, before the first Watch().
  virtual void SetChangeSink(ChangeSink sink) = 0;
  // From now on changes of `counter` go to the sink, the current value first. Not counted: a second
  // Watch() of a watched counter only sends the current value again.
  virtual void Watch(CounterId counter) = 0;
  virtual void Unwatch(CounterId counter) = 0;

  // --- Sessions of this replica: known after a crash, so that recovering can wait for them. ---

  virtual void RecordSession(HolderId holder, StatusCallback done) = 0;
  virtual void ForgetSession(HolderId holder) = 0;
  // Those recorded and not forgotten when the store was opened.
  virtual std::vector<HolderId> SessionsAtOpen() const = 0;

  // --- Records of everything else: the catalog, sign-in, verification. ---

  // As long as the engine. Closed with it.
  virtual RecordStore& Records() = 0;

  // --- The store. ---

  // Whether a write would be made durable now: a real round trip, for readiness.
  virtual void Probe(StatusCallback done) = 0;
  // A consistent copy of everything durable into `directory` (created; must not exist), while
  // running.
  virtual void Backup(std::string directory, StatusCallback done) = 0;
  // Refuses new calls, finishes those accepted, closes the store. Idempotent.
  virtual void Close() = 0;
};

}  // namespace livecounter::counter

#endif  // LIVECOUNTER_SERVICES_COUNTER_ENGINE_H_
