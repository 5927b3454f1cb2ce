// How many connections each address has open, over all event loops (contract §3).

#ifndef LIVECOUNTER_GATEWAY_ADDRESS_CONNECTIONS_H_
#define LIVECOUNTER_GATEWAY_ADDRESS_CONNECTIONS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/node_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/optional.h"
#include "gateway/transport.h"
#include "services/runtime/ip_address.h"

namespace livecounter::gateway {

// Any thread. Knows the addresses that have something open, and no others.
class AddressConnections {
  using Key = std::pair<runtime::IpAddress, std::string>;
  struct Entry;

 public:
  // One connection's place, given back when it is destroyed; any thread. Of the size of a pointer.
  class Place {
   public:
    // Where there is no limit: nobody's.
    Place() = default;
    ~Place() {
      if (entry_ != nullptr) entry_->owner.GiveBack(*entry_);
    }
    Place(Place&& other) noexcept : entry_(std::exchange(other.entry_, nullptr)) {}
    Place& operator=(Place&& other) noexcept {
      std::swap(entry_, other.entry_);
      return *this;
    }

    bool is_limited() const { return entry_ != nullptr; }

   private:
    friend class AddressConnections;
    explicit Place(Entry& entry) : entry_(&entry) {}

    Entry* entry_ = nullptr;
  };

  AddressConnections() = default;
  // After the last place was given back.
  ~AddressConnections() = default;
  AddressConnections(const AddressConnections&) = delete;
  AddressConnections& operator=(const AddressConnections&) = delete;

  // A place for a connection of `address`, counted by IpAddress::Site() within `scope`, of which it may
  // have `max`; nothing where it has. Exact however many ask at once. 0 for no limit, and nothing is kept.
  absl::optional<Place> Take(const runtime::IpAddress& address, absl::string_view scope,
                             int64_t max);

  // That have anything open, in each scope.
  size_t addresses() const;

 private:
  struct Entry {
    AddressConnections& owner;
    Key key;
    int64_t open = 0;  // guarded by the owner's mutex_
  };

  void GiveBack(Entry& entry);

  mutable absl::Mutex mutex_;
  // Entries stay where they are.
  absl::node_hash_map<Key, Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

// `stream`, which holds `place` until it is destroyed.
std::unique_ptr<StreamHandler> HoldPlace(std::unique_ptr<StreamHandler> stream,
                                         AddressConnections::Place place);

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_ADDRESS_CONNECTIONS_H_
