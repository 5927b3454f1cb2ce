// A write on its way to the disk: what every kind of it is to the committer.

#ifndef LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_WRITE_H_
#define LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_WRITE_H_

#include "absl/status/status.h"
#include "services/counter/embedded/counters.h"
#include "services/counter/embedded/transaction.h"

namespace livecounter::counter::embedded {

// Used by the committer's thread: any number of Decide() until one is true, then Succeed() or Fail(),
// which answers the caller, once. Fail() may also come without a Decide().
class Write {
 public:
  virtual ~Write() = default;

  // Puts what it writes into `transaction`, or keeps why it is refused. False: it cannot be decided
  // in this transaction, after what is in it already; in an empty one it always can, unless it asks
  // for a sweep.
  virtual bool Decide(Transaction& transaction) = 0;

  // What was decided is durable and can be seen (or it was refused for a reason of its own).
  virtual void Succeed(Counters& counters) = 0;

  // It could not be made durable. `status` is not OK.
  virtual void Fail(const absl::Status& status) = 0;
};

}  // namespace livecounter::counter::embedded

#endif  // LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_WRITE_H_
