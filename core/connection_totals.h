// How many connections each product has open over all holders (contract §3: a product's bound holds over
// all gateways). Each holder tells its own share, as numbers that replace the ones before, and is told
// the totals of the products that it told of.
//
//  * A share belongs to one incarnation, and stands as long as its session: over breaks of its stream
//    too, until the lease or the linger ends.
//  * A full resend replaces the share when it is complete, not before.
//  * Totals are conflated: whoever takes them late gets the newest.

#ifndef LIVECOUNTER_CORE_CONNECTION_TOTALS_H_
#define LIVECOUNTER_CORE_CONNECTION_TOTALS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/types/optional.h"
#include "core/ids.h"
#include "core/session.h"

namespace livecounter {

// Not thread-safe: it belongs to counterd's loop.
class ConnectionTotals {
 public:
  // A stream of `holder` stands: it can be told totals from now on.
  void OnAttached(HolderId holder);
  // It is gone. The share stays.
  void OnStreamClosed(HolderId holder);
  // The session is over: its share leaves.
  void Remove(HolderId holder);

  // What a frame of an attached holder tells: begin, connections and end of a resend. A frame that ends
  // one holds its last connections. Precondition: SessionTable::OnFrame() took the frame.
  void OnFrame(HolderId holder, const HolderFrame& frame);

  // Holders with a stream that have totals to be told.
  const absl::btree_set<HolderId>& waiting() const { return waiting_; }
  // Takes up to `limit` of those of `holder`.
  std::vector<ProductConnections> Take(HolderId holder, size_t limit);

  // Over all holders.
  int64_t Total(const std::string& product) const;
  // Of one holder, over all products. O(products it told of).
  int64_t Held(HolderId holder) const;

  // Walks it all; dies unless the totals are the sums of the shares.
  void CheckInvariants() const;

 private:
  using Share = absl::btree_map<std::string, int64_t>;
  struct Holder {
    Share share;  // 0 where it once told more, and others have some
    absl::optional<Share> resend;
    absl::btree_set<std::string> untold;
    bool attached = false;
  };
  struct Product {
    int64_t total = 0;
    absl::btree_set<HolderId> holders;  // whose shares have it
  };

  void Set(HolderId holder, const std::string& product, int64_t connections);
  void FinishResend(HolderId id, Holder* holder);
  // The holder's share has the product no more.
  void Drop(HolderId holder, const std::string& product);
  // All who told of the product are to be told its total.
  void TellAll(const Product& product, const std::string& name);
  void Tell(HolderId holder, const std::string& product);

  absl::btree_map<HolderId, Holder> holders_;
  absl::btree_map<std::string, Product> products_;
  absl::btree_set<HolderId> waiting_;
};

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_CONNECTION_TOTALS_H_
