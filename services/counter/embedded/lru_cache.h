// A map that remembers in which order its entries were last used.

#ifndef LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_LRU_CACHE_H_
#define LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_LRU_CACHE_H_

#include <cstddef>
#include <list>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"

namespace livecounter::counter::embedded {

// Not thread-safe. It never drops an entry by itself: its owner asks for Oldest() and erases.
// Each key is kept once.
template <typename Key, typename Value>
class LruCache {
 public:
  struct Entry {
    Key key;
    Value value;
  };

  // The entry's value, now the newest; null when there is none.
  Value* Use(const Key& key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, *found);
    return &(*found)->value;
  }

  // Adds or replaces; now the newest.
  void Put(const Key& key, Value value) {
    if (Value* existing = Use(key)) {
      *existing = std::move(value);
      return;
    }
    entries_.push_front(Entry{key, std::move(value)});
    index_.insert(entries_.begin());
  }

  void Erase(const Key& key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return;
    const Position position = *found;
    index_.erase(found);
    entries_.erase(position);
  }

  // The one not used for longest. Precondition: not empty.
  const Entry& Oldest() const { return entries_.back(); }

  void Clear() {
    index_.clear();
    entries_.clear();
  }
  size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }

 private:
  using Position = typename std::list<Entry>::iterator;

  static const Key& KeyOf(const Key& key) { return key; }
  static const Key& KeyOf(Position position) { return position->key; }

  struct HashOfKey {
    using is_transparent = void;
    template <typename T>
    size_t operator()(const T& of) const {
      return absl::Hash<Key>()(KeyOf(of));
    }
  };
  struct SameKey {
    using is_transparent = void;
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      return KeyOf(a) == KeyOf(b);
    }
  };

  std::list<Entry> entries_;  // newest first
  absl::flat_hash_set<Position, HashOfKey, SameKey> index_;
};

}  // namespace livecounter::counter::embedded

#endif  // LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_LRU_CACHE_H_
