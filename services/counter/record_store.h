// SEAM: small records by key, each written only over the version its writer has read: what the catalog,
// sign-in and verification keep. Part of every CounterEngine, so that one store holds everything.
//
// Keys are 1 to 512 bytes, values up to 64 KiB, both any bytes; INVALID_ARGUMENT beyond. Threads, closing
// and the errors of a store that cannot write are those of engine.h.

#ifndef LIVECOUNTER_SERVICES_COUNTER_RECORD_STORE_H_
#define LIVECOUNTER_SERVICES_COUNTER_RECORD_STORE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace livecounter::counter {

struct Record {
  std::string key = {};
  std::string value = {};
  // Of the write that made it: higher than that of any write before, over the whole store.
  uint64_t version = 0;

  friend bool operator==(const Record&, const Record&) = default;
};

// One record of a write that is done as a whole or not at all.
struct RecordWrite {
  std::string key = {};
  absl::optional<std::string> value = {};  // nothing: deletes
  // The version that must be there for the write to happen: 0 for "no such record"; nothing: whatever
  // is there.
  absl::optional<uint64_t> expected_version = {};
  // The record is gone from then on, for readers at once; InfiniteFuture: never.
  absl::Time expire_at = absl::InfiniteFuture();
};

// What became of a record: its new content, or, without a value, its end.
struct RecordChange {
  std::string key = {};
  absl::optional<std::string> value = {};
  uint64_t version = 0;

  friend bool operator==(const RecordChange&, const RecordChange&) = default;
};

class RecordStore {
 public:
  template <typename T>
  using Callback = std::function<void(absl::StatusOr<T>)>;
  // Gets the changes of every write, in the order of their versions, once they are durable. Expiry is
  // not a change. Called from any thread; must be quick.
  using ChangeSink = std::function<void(const std::vector<RecordChange>&)>;

  virtual ~RecordStore() = default;

  // Writes all or nothing, durable when the callback gets OK and the version of the write. ABORTED, with
  // the key, where an expected version is not there; INVALID_ARGUMENT for a key named twice.
  virtual void Write(std::vector<RecordWrite> writes, Callback<uint64_t> done) = 0;
  // NOT_FOUND where there is none.
  virtual void Read(std::string key, Callback<Record> done) = 0;
  // Records whose keys begin with `prefix` and are greater than `after` ("" for all), in byte order of
  // their keys, at most `limit` ≥ 1.
  virtual void List(std::string prefix, std::string after, int limit,
                    Callback<std::vector<Record>> done) = 0;
  // Where changes go; set once, before the first write. A List() after that misses no change that the
  // sink did not get.
  virtual void SetChangeSink(ChangeSink sink) = 0;
};

}  // namespace livecounter::counter

#endif  // LIVECOUNTER_SERVICES_COUNTER_RECORD_STORE_H_
