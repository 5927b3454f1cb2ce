// The records of an engine that keeps none yet: every call is refused with UNIMPLEMENTED.

#ifndef LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_NO_RECORDS_H_
#define LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_NO_RECORDS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/counter/record_store.h"

namespace livecounter::counter::embedded {

// Any thread.
class NoRecords final : public RecordStore {
 public:
  void Write(std::vector<RecordWrite>, Callback<uint64_t> done) override { done(Refused()); }
  void Read(std::string, Callback<counter::Record> done) override { done(Refused()); }
  void List(std::string, std::string, int, Callback<std::vector<counter::Record>> done) override {
    done(Refused());
  }
  void SetChangeSink(ChangeSink) override {}

 private:
  static absl::Status Refused() {
    return absl::UnimplementedError("the embedded engine keeps no records");
  }
};

}  // namespace livecounter::counter::embedded

#endif  // LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_NO_RECORDS_H_
