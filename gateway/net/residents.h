// What lives on a loop until it is done: connections, streams, closing sockets. One owner for them all.
// The loop's thread only.

#ifndef LIVECOUNTER_GATEWAY_NET_RESIDENTS_H_
#define LIVECOUNTER_GATEWAY_NET_RESIDENTS_H_

#include <cstddef>
#include <memory>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "gateway/net/loop.h"

namespace livecounter::gateway::net {

class Resident {
 public:
  virtual ~Resident() = default;
  // The loop stops: tell whoever has to know. Destroyed right after.
  virtual void Evict() = 0;
};

class Residents {
 public:
  explicit Residents(Loop& loop) : loop_(loop) {}
  ~Residents() { EvictAll(); }
  Residents(const Residents&) = delete;
  Residents& operator=(const Residents&) = delete;

  template <typename T>
  T& Add(std::unique_ptr<T> resident) {
    T& added = *resident;
    residents_.insert(std::move(resident));
    return added;
  }

  // Destroys it after this turn: it may be on the stack now. Once for each.
  void Remove(Resident& resident) {
    loop_.Defer([this, gone = &resident] { residents_.erase(residents_.find(gone)); });
  }

  void EvictAll();

  size_t size() const { return residents_.size(); }

 private:
  Loop& loop_;
  absl::flat_hash_set<std::unique_ptr<Resident>> residents_;
};

}  // namespace livecounter::gateway::net

#endif  // LIVECOUNTER_GATEWAY_NET_RESIDENTS_H_
